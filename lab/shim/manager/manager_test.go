// SPDX-License-Identifier: Apache-2.0

package manager

import (
	"os"
	"path/filepath"
	"testing"
)

func TestNameRuntimeKeepsTheNameThatIsThere(t *testing.T) {
	tests := []struct {
		name     string
		existing *string
		want     string
	}{
		{"the container was refused", nil, ""},
		{"the container was made", new("crun"), "crun"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			bundle := filepath.Join(t.TempDir(), "c1")
			if err := os.Mkdir(bundle, 0o755); err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(bundle, "runtime")
			if test.existing != nil {
				if err := os.WriteFile(path, []byte(*test.existing), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			t.Chdir(bundle)

			if err := nameRuntime("c1"); err != nil {
				t.Fatal(err)
			}

			content, err := os.ReadFile(path)
			if err != nil || string(content) != test.want {
				t.Errorf("got %q, %v", content, err)
			}
		})
	}
}

func TestStartLogsIntoTheBundle(t *testing.T) {
	bundle := t.TempDir()
	t.Chdir(bundle)

	for _, line := range []string{"one\n", "two\n"} {
		if _, err := (startLog{}).Write([]byte(line)); err != nil {
			t.Fatal(err)
		}
	}

	content, err := os.ReadFile(filepath.Join(bundle, "kata-stand-in.log"))
	if err != nil || string(content) != "one\ntwo\n" {
		t.Errorf("got %q, %v", content, err)
	}
}
