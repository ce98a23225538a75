// SPDX-License-Identifier: Apache-2.0

// Package bundle reads what the shim needs to know of an OCI bundle's config.json.
package bundle

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
)

// Annotations by which containerd's CRI plugin tells the containers of a pod apart.
const (
	containerType = "io.kubernetes.cri.container-type"
	sandboxID     = "io.kubernetes.cri.sandbox-id"
)

// Spec is the part of config.json that matters here.
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
		return Spec{}, fmt.Errorf("kata: bundle has no specification: %w", err)
	}
	var spec Spec
	if err := json.Unmarshal(content, &spec); err != nil {
		return Spec{}, fmt.Errorf("kata: %s: %w", path, err)
	}
	return spec, nil
}

// IsSandbox says whether the container gets a VM of its own: a pod's sandbox container does, and
// so does any container that the CRI plugin did not make.
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
