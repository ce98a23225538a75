// SPDX-License-Identifier: Apache-2.0

package origin

import (
	"os"
	"path/filepath"
	"testing"
)

func TestOf(t *testing.T) {
	const shim = "containerd-shim-kata-v2"
	tests := []struct{ name, executable, root, release string }{
		{"Go shim of a release", "/opt/kata/releases/3.22-ab12/bin/" + shim, "/opt/kata/releases/3.22-ab12", "3.22-ab12"},
		{"Rust shim of a release", "/opt/kata/releases/r1/runtime-rs/bin/" + shim, "/opt/kata/releases/r1", "r1"},
		{"tree of upstream's installer", "/opt/kata/bin/" + shim, "/opt/kata", ""},
		{"the last releases of several", "/srv/releases/x/kata/releases/r2/bin/" + shim, "/srv/releases/x/kata/releases/r2", "r2"},
		{"outside of any tree", "/tmp/" + shim, "", ""},
		{"a file in releases", "/opt/kata/releases/" + shim, "", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			want := Origin{Executable: test.executable, Root: test.root, Release: test.release}
			if got := Of(test.executable); got != want {
				t.Errorf("got %+v, want %+v", got, want)
			}
		})
	}
}

func TestVersionIsFirstLineOfTheTree(t *testing.T) {
	root := t.TempDir()
	if err := os.WriteFile(filepath.Join(root, "VERSION"), []byte("3.22.0\nmore\n"), 0o644); err != nil {
		t.Fatal(err)
	}

	got := Of(filepath.Join(root, "bin", "shim")).Version

	if got != "3.22.0" {
		t.Errorf("got %q", got)
	}
}

func TestIsRust(t *testing.T) {
	for executable, want := range map[string]bool{
		"/opt/kata/releases/r1/runtime-rs/bin/shim": true,
		"/opt/kata/releases/r1/bin/shim":            false,
		"/runtime-rs/shim":                          false,
	} {
		if got := Of(executable).IsRust(); got != want {
			t.Errorf("%s: got %v", executable, got)
		}
	}
}
