// SPDX-License-Identifier: Apache-2.0

package running

import (
	"os"
	"path/filepath"
	"testing"
)

func TestTraceLastsAsLongAsTheSandbox(t *testing.T) {
	directory := filepath.Join(t.TempDir(), "sbs")

	if err := Add(directory, Sandbox{ID: "s1", ConfigPath: "/c.toml", Hypervisor: "qemu"}); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(filepath.Join(directory, "s1", "persist.json"))
	if err != nil {
		t.Fatal(err)
	}
	if want := `{"sandbox":"s1","configPath":"/c.toml","hypervisor":"qemu"}` + "\n"; string(content) != want {
		t.Errorf("got %s, want %s", content, want)
	}

	if err := Remove(directory, "s1"); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(directory, "s1")); !os.IsNotExist(err) {
		t.Errorf("still there: %v", err)
	}
}

func TestRemoveOfAnotherContainerDoesNothing(t *testing.T) {
	if err := Remove(t.TempDir(), "container"); err != nil {
		t.Error(err)
	}
}

func TestIDsCannotLeadOut(t *testing.T) {
	for _, id := range []string{"", "..", "../etc", "a/b"} {
		if err := Remove(t.TempDir(), id); err == nil {
			t.Errorf("%q was taken", id)
		}
	}
}
