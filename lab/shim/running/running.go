// SPDX-License-Identifier: Apache-2.0

// Package running keeps the traces of running sandboxes as Kata's Go runtime does: a directory
// each. Installers count them before they remove a release.
package running

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"github.com/containerd/containerd/identifiers"
)

// Directory is where Kata's Go runtime keeps one directory per sandbox.
const Directory = "/run/vc/sbs"

// Sandbox is the content of persist.json.
type Sandbox struct {
	ID         string `json:"sandbox"`
	ConfigPath string `json:"configPath"`
	Hypervisor string `json:"hypervisor"`
}

// Add creates the trace of a sandbox that is starting.
func Add(directory string, sandbox Sandbox) error {
	path, err := pathOf(directory, sandbox.ID)
	if err != nil {
		return err
	}
	content, err := json.Marshal(sandbox)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(path, 0o750); err != nil {
		return fmt.Errorf("kata: trace of sandbox %s: %w", sandbox.ID, err)
	}
	if err := os.WriteFile(filepath.Join(path, "persist.json"), append(content, '\n'), 0o640); err != nil {
		return fmt.Errorf("kata: trace of sandbox %s: %w", sandbox.ID, err)
	}
	return nil
}

// Remove removes the trace of a sandbox. It does nothing for other containers, which have none.
func Remove(directory, id string) error {
	path, err := pathOf(directory, id)
	if err != nil {
		return err
	}
	return os.RemoveAll(path)
}

// pathOf refuses ids that would lead out of the directory.
func pathOf(directory, id string) (string, error) {
	if err := identifiers.Validate(id); err != nil {
		return "", fmt.Errorf("kata: sandbox id: %w", err)
	}
	return filepath.Join(directory, id), nil
}
