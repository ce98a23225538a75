// SPDX-License-Identifier: Apache-2.0

// Package bundle reads what the shim needs from config.json of an OCI bundle.
package bundle

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
)

// Annotations with which containerd's CRI plugin marks the containers of a pod.
const (
	containerType = "io.kubernetes.cri.container-type"
	sandboxID     = "io.kubernetes.cri.sandbox-id"
)

// Spec is the part of config.json that the shim uses.
type Spec struct {
	Annotations map[string]string `json:"annotations"`
	Linux       struct {
		CgroupsPath string `json:"cgroupsPath"`
	} `json:"linux"`
}

// Read reads config.json of the bundle in the given directory.
func Read(directory string) (Spec, error) {
	path := filepath.Join(directory, "config.json")
	content, err := os.ReadFile(path)
	if err != nil {
		return Spec{}, fmt.Errorf("kata: cannot read the bundle: %w", err)
	}
	var spec Spec
	if err := json.Unmarshal(content, &spec); err != nil {
		return Spec{}, fmt.Errorf("kata: %s: %w", path, err)
	}
	return spec, nil
}

// IsSandbox reports whether the container gets its own VM: the sandbox container of a pod does, and
// so does any container that the CRI plugin did not create.
func (s Spec) IsSandbox() bool {
	return s.Annotations[containerType] != "container"
}

// Sandbox is the id of the sandbox that the container with the given id belongs to.
func (s Spec) Sandbox(id string) string {
	if sandbox := s.Annotations[sandboxID]; sandbox != "" {
		return sandbox
	}
	return id
}
