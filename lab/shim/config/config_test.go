// SPDX-License-Identifier: Apache-2.0

package config

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// kata-10-stand-in: the order of sources since Kata 4.0.
func TestFindTakesTheFirstSource(t *testing.T) {
	root := tree(t, map[string]string{"b.toml": "", "c.toml": "", "d.toml": ""})
	path := func(name string) string { return filepath.Join(root, name) }
	defaults := []string{path("none.toml"), path("c.toml"), path("d.toml")}
	tests := []struct {
		name    string
		runtime Runtime
		sources Sources
		want    string
	}{
		{"Go: option", Go, Sources{Option: path("b.toml"), Environment: path("d.toml"), Defaults: defaults}, "b.toml"},
		{"Go: environment, a default path", Go, Sources{Environment: path("d.toml"), Defaults: defaults}, "d.toml"},
		{"Rust: environment, any path", Rust, Sources{Option: path("d.toml"), Environment: path("b.toml"), Defaults: defaults}, "b.toml"},
		{"Rust: option", Rust, Sources{Option: path("b.toml"), Defaults: defaults}, "b.toml"},
		{"first default that exists", Go, Sources{Defaults: defaults}, "c.toml"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := Find(test.runtime, test.sources)

			if err != nil || got != path(test.want) {
				t.Errorf("got %s, %v", got, err)
			}
		})
	}
}

func TestFindNamesTheMissingFileAndItsSource(t *testing.T) {
	tests := []struct {
		name    string
		sources Sources
		want    string
	}{
		{
			"a named one, without a look at the defaults",
			Sources{Option: "/none/a.toml", Defaults: []string{"/proc/version"}},
			"kata: configuration does not exist: /none/a.toml (named by ConfigPath of the runtime options)",
		},
		{
			"environment",
			Sources{Environment: "/none/a.toml", Defaults: []string{"/none/a.toml"}},
			"kata: configuration does not exist: /none/a.toml (named by the environment variable KATA_CONF_FILE)",
		},
		{
			"environment, no default path",
			Sources{Environment: "/proc/version", Defaults: []string{"/none/a.toml"}},
			"kata: the configuration is not one of the default paths: /proc/version (named by the environment variable KATA_CONF_FILE)",
		},
		{
			"all defaults",
			Sources{Defaults: []string{"/none/a.toml", "/none/b.toml"}},
			"kata: no source names a configuration, and no default path exists: /none/a.toml, /none/b.toml",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := Find(Go, test.sources)

			if err == nil || err.Error() != test.want {
				t.Errorf("got %v, want %s", err, test.want)
			}
		})
	}
}

func TestDropInsAreThoseOfTheLinksTarget(t *testing.T) {
	root := tree(t, map[string]string{
		"release/c.toml":          "",
		"release/config.d/1.toml": "",
		"stable/config.d/2.toml":  "",
	})
	link := filepath.Join(root, "stable/c.toml")
	if err := os.Symlink("../release/c.toml", link); err != nil {
		t.Fatal(err)
	}

	path, err := Find(Go, Sources{Option: link})
	if err != nil {
		t.Fatal(err)
	}
	configuration, err := Load(Go, path)
	if err != nil {
		t.Fatal(err)
	}

	want := []string{filepath.Join(root, "release/c.toml"), filepath.Join(root, "release/config.d/1.toml")}
	if got := configuration.Files(); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestMerge(t *testing.T) {
	type table = map[string]any
	base := table{"number": 1, "list": []any{1, 2}, "table": table{"kept": "k", "changed": "old", "deep": table{"x": 1}}}
	over := table{"list": []any{3}, "new": true, "table": table{"changed": "new", "deep": table{"y": 2}}}

	got := merge(base, over)

	nested := got["table"].(table)
	deep := nested["deep"].(table)
	switch {
	case got["number"] != 1, got["new"] != true,
		nested["kept"] != "k", nested["changed"] != "new",
		!maps.Equal(deep, table{"x": 1, "y": 2}),
		!slices.Equal(got["list"].([]any), []any{3}):
		t.Errorf("got %v", got)
	}
	if base["table"].(table)["changed"] != "old" {
		t.Error("the base was changed")
	}
}

func TestLoadReadsDropInsInLexicalOrder(t *testing.T) {
	root := tree(t, map[string]string{
		"c.toml":               "[hypervisor.qemu]\nkernel = '/main'\nimage = '/image'\n",
		"config.d/20-b.toml":   "[hypervisor.qemu]\nkernel = '/twenty'\n",
		"config.d/10-a.toml":   "[hypervisor.qemu]\nkernel = '/ten'\nimage = '/ten'\n",
		"config.d/30.toml.bak": "[hypervisor.qemu]\nfirmware = '/backup'\n", // Kata reads it too
	})

	configuration, err := Load(Go, filepath.Join(root, "c.toml"))
	if err != nil {
		t.Fatal(err)
	}

	want := map[string][2]string{
		"kernel":   {"/twenty", "config.d/20-b.toml"},
		"image":    {"/ten", "config.d/10-a.toml"},
		"firmware": {"/backup", "config.d/30.toml.bak"},
		"initrd":   {"", ""},
	}
	for key, want := range want {
		value, file, err := configuration.text("qemu", key)
		if err != nil {
			t.Fatal(err)
		}
		if want[1] != "" {
			want[1] = filepath.Join(root, want[1])
		}
		if value != want[0] || file != want[1] {
			t.Errorf("%s: got %s of %s, want %s", key, value, file, want)
		}
	}
}

func TestSyntaxErrorsNameFileLineAndColumn(t *testing.T) {
	tests := []struct{ name, broken string }{
		{"main file", "c.toml"},
		{"drop-in", "config.d/10.toml"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			files := map[string]string{"c.toml": "", "config.d/10.toml": ""}
			files[test.broken] = "[hypervisor.qemu]\nkernel = \n"
			root := tree(t, files)

			_, err := Load(Go, filepath.Join(root, "c.toml"))

			want := "kata: configuration " + filepath.Join(root, test.broken) + ":2:10: "
			if err == nil || !strings.HasPrefix(err.Error(), want) {
				t.Errorf("got %v, want %s…", err, want)
			}
		})
	}
}

func TestADirectoryAmongTheDropInsIsAnError(t *testing.T) {
	root := tree(t, map[string]string{"c.toml": "", "config.d/old/10.toml": ""})

	_, err := Load(Go, filepath.Join(root, "c.toml"))

	if err == nil || !strings.Contains(err.Error(), filepath.Join(root, "config.d/old")) {
		t.Errorf("got %v", err)
	}
}

// tree makes files below a new directory; those in bin/ are executable.
func tree(t *testing.T, files map[string]string) string {
	t.Helper()
	root, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range files {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		mode := os.FileMode(0o644)
		if strings.HasPrefix(name, "bin/") {
			mode = 0o755
		}
		if err := os.WriteFile(path, []byte(content), mode); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func TestALinkInConfigDIsReadByGoAndRefusedByRust(t *testing.T) {
	root := tree(t, map[string]string{"c.toml": "[runtime]\n", "site.toml": "[hypervisor.qemu]\n", "config.d/1.toml": ""})
	link := filepath.Join(root, "config.d/60-site.toml")
	if err := os.Symlink("../site.toml", link); err != nil {
		t.Fatal(err)
	}

	_, inGo := Load(Go, filepath.Join(root, "c.toml"))
	_, inRust := Load(Rust, filepath.Join(root, "c.toml"))

	if inGo != nil {
		t.Error(inGo)
	}
	if want := "kata: configuration cannot be read: " + link + " is a link"; inRust == nil || inRust.Error() != want {
		t.Errorf("got %v, want %s", inRust, want)
	}
}
