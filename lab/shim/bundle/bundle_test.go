// SPDX-License-Identifier: Apache-2.0

package bundle

import (
	"os"
	"path/filepath"
	"testing"
)

func TestRead(t *testing.T) {
	tests := []struct {
		name, config string
		isSandbox    bool
		sandbox      string
	}{
		{"outside CRI", `{"ociVersion":"1.1.0"}`, true, "own"},
		{"sandbox of a pod", `{"annotations":{"io.kubernetes.cri.container-type":"sandbox","io.kubernetes.cri.sandbox-id":"own"}}`, true, "own"},
		{"sandbox of a pod of CRI-O", `{"annotations":{"io.kubernetes.cri-o.ContainerType":"sandbox","io.kubernetes.cri-o.SandboxID":"own"}}`, true, "own"},
		{"container of a pod of CRI-O", `{"annotations":{"io.kubernetes.cri-o.ContainerType":"container","io.kubernetes.cri-o.SandboxID":"pod"}}`, false, "pod"},
		{"container of a pod", `{"annotations":{"io.kubernetes.cri.container-type":"container","io.kubernetes.cri.sandbox-id":"pod"}}`, false, "pod"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			directory := t.TempDir()
			if err := os.WriteFile(filepath.Join(directory, "config.json"), []byte(test.config), 0o644); err != nil {
				t.Fatal(err)
			}

			spec, err := Read(directory)

			if err != nil {
				t.Fatal(err)
			}
			if spec.IsSandbox() != test.isSandbox || spec.Sandbox("own") != test.sandbox {
				t.Errorf("got %v %q", spec.IsSandbox(), spec.Sandbox("own"))
			}
		})
	}
}
