// SPDX-License-Identifier: Apache-2.0

// Package bundle reads what the shim needs from config.json of an OCI bundle.
package bundle

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
)

// Annotations with which containerd's CRI plugin and CRI-O mark the containers of a pod.
var (
	containerTypes = []string{"io.kubernetes.cri.container-type", "io.kubernetes.cri-o.ContainerType"}
	sandboxIDs     = []string{"io.kubernetes.cri.sandbox-id", "io.kubernetes.cri-o.SandboxID"}
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
	return s.first(containerTypes) != "container"
}

// Sandbox is the id of the sandbox that the container with the given id belongs to.
func (s Spec) Sandbox(id string) string {
	if sandbox := s.first(sandboxIDs); sandbox != "" {
		return sandbox
	}
	return id
}

// first is the value of the first of the annotations that the container has, "" for none.
func (s Spec) first(names []string) string {
	for _, name := range names {
		if value := s.Annotations[name]; value != "" {
			return value
		}
	}
	return ""
}
