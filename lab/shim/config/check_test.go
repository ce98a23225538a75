// SPDX-License-Identifier: Apache-2.0

package config

import (
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// installation is a complete Kata tree. In its configuration and in expected values, ROOT stands
// for its directory.
var installation = map[string]string{
	"bin/qemu":      "x",
	"bin/virtiofsd": "x",
	"share/vmlinux": "x",
	"share/image":   "x",
	"share/initrd":  "x",
	"share/code.fd": "x",
	"share/vars.fd": "x",
	"c.toml": `
[hypervisor.qemu]
path = "ROOT/bin/qemu"
kernel = "ROOT/share/vmlinux"
image = "ROOT/share/image"
initrd = ""
firmware = "ROOT/share/code.fd"
firmware_volume = "ROOT/share/vars.fd"
shared_fs = "virtio-fs"
virtio_fs_daemon = "ROOT/bin/virtiofsd"
[runtime]
name = "virt_container"
hypervisor_name = "qemu"
agent_name = "kata"
`,
}

// check loads and checks an installation after a change.
func check(t *testing.T, dropIn string, change func(root string)) (string, Checked, error) {
	t.Helper()
	return checkBy(t, Go, dropIn, change)
}

func checkBy(t *testing.T, runtime Runtime, dropIn string, change func(root string)) (string, Checked, error) {
	t.Helper()
	files := maps.Clone(installation)
	if dropIn != "" {
		files["config.d/10.toml"] = dropIn
	}
	root := tree(t, files)
	for _, name := range []string{"c.toml", "config.d/10.toml"} {
		path := filepath.Join(root, name)
		content, err := os.ReadFile(path)
		if err != nil {
			continue
		}
		if err := os.WriteFile(path, []byte(strings.ReplaceAll(string(content), "ROOT", root)), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if change != nil {
		change(root)
	}
	configuration, err := Load(runtime, filepath.Join(root, "c.toml"))
	if err != nil {
		t.Fatal(err)
	}
	checked, err := configuration.Check()
	return root, checked, err
}

func TestCheckFindsAllFiles(t *testing.T) {
	all := map[string]string{
		"hypervisor":       "ROOT/bin/qemu",
		"kernel":           "ROOT/share/vmlinux",
		"image":            "ROOT/share/image",
		"firmware":         "ROOT/share/code.fd",
		"firmware_volume":  "ROOT/share/vars.fd",
		"virtio_fs_daemon": "ROOT/bin/virtiofsd",
	}
	without := func(roles ...string) map[string]string {
		rest := maps.Clone(all)
		for _, role := range roles {
			delete(rest, role)
		}
		return rest
	}
	withInitrd := without("image")
	withInitrd["initrd"] = "ROOT/share/initrd"
	tests := []struct {
		name, dropIn string
		want         map[string]string
	}{
		{"as installed", "", all},
		{"a drop-in sets initrd and empties image", "[hypervisor.qemu]\nimage = ''\ninitrd = 'ROOT/share/initrd'\n", withInitrd},
		{"no firmware", "[hypervisor.qemu]\nfirmware = ''\nfirmware_volume = ''\n", without("firmware", "firmware_volume")},
		{"another shared file system needs no daemon", "[hypervisor.qemu]\nshared_fs = 'none'\nvirtio_fs_daemon = '/none'\n", without("virtio_fs_daemon")},
		{"nydus needs the daemon", "[hypervisor.qemu]\nshared_fs = 'virtio-fs-nydus'\n", all},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			root, checked, err := check(t, test.dropIn, nil)

			if err != nil {
				t.Fatal(err)
			}
			want := map[string]string{}
			for role, path := range test.want {
				want[role] = strings.ReplaceAll(path, "ROOT", root)
			}
			if checked.Hypervisor != "qemu" || !maps.Equal(checked.Files, want) {
				t.Errorf("got %s %v, want %v", checked.Hypervisor, checked.Files, want)
			}
		})
	}
}

func TestCheckResolvesLinks(t *testing.T) {
	root, checked, err := check(t, "", func(root string) {
		kernel := filepath.Join(root, "share/vmlinux")
		if err := os.Rename(kernel, kernel+"-6.12"); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink("vmlinux-6.12", kernel); err != nil {
			t.Fatal(err)
		}
	})

	if want := filepath.Join(root, "share/vmlinux-6.12"); err != nil || checked.Files["kernel"] != want {
		t.Errorf("got %s, %v", checked.Files["kernel"], err)
	}
}

func TestCheckRefuses(t *testing.T) {
	remove := func(name string) func(string) {
		return func(root string) { os.Remove(filepath.Join(root, name)) }
	}
	plain := func(name string) func(string) {
		return func(root string) { os.Chmod(filepath.Join(root, name), 0o644) }
	}
	tests := []struct {
		name, dropIn string
		change       func(root string)
		want         string
	}{
		{"missing hypervisor", "", remove("bin/qemu"),
			"kata: hypervisor of hypervisor.qemu does not exist: ROOT/bin/qemu (named by ROOT/c.toml)"},
		{"hypervisor not executable", "", plain("bin/qemu"),
			"kata: hypervisor of hypervisor.qemu is not executable: ROOT/bin/qemu (named by ROOT/c.toml)"},
		{"hypervisor is a directory", "[hypervisor.qemu]\npath = 'ROOT/bin'\n", nil,
			"kata: hypervisor of hypervisor.qemu is a directory: ROOT/bin (named by ROOT/config.d/10.toml)"},
		{"no hypervisor named", "[hypervisor.qemu]\npath = ''\n", nil,
			"kata: hypervisor of hypervisor.qemu is not set (in ROOT/c.toml)"},
		{"missing kernel", "", remove("share/vmlinux"),
			"kata: kernel of hypervisor.qemu does not exist: ROOT/share/vmlinux (named by ROOT/c.toml)"},
		{"kernel of a drop-in missing", "[hypervisor.qemu]\nkernel = 'ROOT/share/none'\n", nil,
			"kata: kernel of hypervisor.qemu does not exist: ROOT/share/none (named by ROOT/config.d/10.toml)"},
		{"kernel of the wrong type", "[hypervisor.qemu]\nkernel = 6\n", nil,
			"kata: kernel of hypervisor.qemu is not a string (in ROOT/config.d/10.toml)"},
		{"missing image", "", remove("share/image"),
			"kata: image of hypervisor.qemu does not exist: ROOT/share/image (named by ROOT/c.toml)"},
		{"empty image", "", func(root string) { os.Truncate(filepath.Join(root, "share/image"), 0) },
			"kata: image of hypervisor.qemu is empty: ROOT/share/image (named by ROOT/c.toml)"},
		{"missing initrd", "[hypervisor.qemu]\nimage = ''\ninitrd = 'ROOT/share/initrd'\n", remove("share/initrd"),
			"kata: initrd of hypervisor.qemu does not exist: ROOT/share/initrd (named by ROOT/config.d/10.toml)"},
		{"image and initrd", "[hypervisor.qemu]\ninitrd = 'ROOT/share/initrd'\n", nil,
			"kata: hypervisor.qemu has both an image (ROOT/share/image, named by ROOT/c.toml) and an initrd (ROOT/share/initrd, named by ROOT/config.d/10.toml)"},
		{"neither image nor initrd", "[hypervisor.qemu]\nimage = ''\n", nil,
			"kata: hypervisor.qemu has neither an image nor an initrd (in ROOT/c.toml)"},
		{"missing firmware", "", remove("share/code.fd"),
			"kata: firmware of hypervisor.qemu does not exist: ROOT/share/code.fd (named by ROOT/c.toml)"},
		{"missing firmware volume", "", remove("share/vars.fd"),
			"kata: firmware_volume of hypervisor.qemu does not exist: ROOT/share/vars.fd (named by ROOT/c.toml)"},
		{"missing file system daemon", "", remove("bin/virtiofsd"),
			"kata: virtio_fs_daemon of hypervisor.qemu does not exist: ROOT/bin/virtiofsd (named by ROOT/c.toml)"},
		{"file system daemon not executable", "", plain("bin/virtiofsd"),
			"kata: virtio_fs_daemon of hypervisor.qemu is not executable: ROOT/bin/virtiofsd (named by ROOT/c.toml)"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			root, _, err := check(t, test.dropIn, test.change)

			want := strings.ReplaceAll(test.want, "ROOT", root)
			if err == nil || err.Error() != want {
				t.Errorf("got  %v\nwant %s", err, want)
			}
		})
	}
}

func TestHypervisorsOfTheirOwnKind(t *testing.T) {
	tests := []struct {
		name, toml string
		runtime    Runtime
		want       string
	}{
		{"remote has no files", "[hypervisor.remote]\nremote_hypervisor_socket = '/run/peerpod/hypervisor.sock'\n", Go, ""},
		{"dragonball is part of the shim", "[hypervisor.dragonball]\npath = ''\nkernel = '/none'\nimage = '/none'\n", Rust,
			"kata: kernel of hypervisor.dragonball does not exist: /none (named by ROOT/c.toml)"},
		{"firecracker has a jailer", "[hypervisor.firecracker]\npath = '/bin/sh'\njailer_path = '/none'\nkernel = '/none'\nimage = '/none'\n", Go,
			"kata: jailer of hypervisor.firecracker does not exist: /none (named by ROOT/c.toml)"},
		{"none at all", "[runtime]\n", Go, "kata: no [hypervisor.<name>] table in ROOT/c.toml"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			root := tree(t, map[string]string{"c.toml": test.toml})
			configuration, err := Load(test.runtime, filepath.Join(root, "c.toml"))
			if err != nil {
				t.Fatal(err)
			}

			_, err = configuration.Check()

			got := ""
			if err != nil {
				got = err.Error()
			}
			if want := strings.ReplaceAll(test.want, "ROOT", root); got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
		})
	}
}

// Issue 12.20, kata-10-stand-in: what the real loaders refuse. "" means that it loads.
func TestWhatTheRealLoadersDo(t *testing.T) {
	const qemu = "[hypervisor.qemu]\n"
	const image = "[[hypervisor.qemu.guest_extension_images]]\n"
	const verity = "verity_params = 'root_hash=a,salt=b,data_blocks=8,data_block_size=4096,hash_block_size=4096'\n"
	const se = qemu + "image = ''\nconfidential_guest = true\nmachine_type = 's390-ccw-virtio'\n"
	empty := func(root string) { os.Truncate(filepath.Join(root, "share/image"), 0) }
	tests := []struct {
		name, dropIn string
		change       func(root string)
		inGo, inRust string
	}{
		{"a missing flash image", qemu + "pflashes = ['/none']\n", nil,
			"pflash 0 of hypervisor.qemu does not exist", "pflash 0 of hypervisor.qemu does not exist"},
		{"an unknown word for sharing files", qemu + "shared_fs = 'nfs'\n", nil,
			"shared_fs of hypervisor.qemu is unknown: nfs", "shared_fs of hypervisor.qemu is unknown: nfs"},
		{"files shared by the shim", qemu + "shared_fs = 'inline-virtio-fs'\n", nil,
			"shared_fs of hypervisor.qemu is unknown: inline-virtio-fs", ""},
		{"an extension image without a name", image + "path = 'ROOT/share/image'\n", nil,
			"a guest extension image of hypervisor.qemu has no name", "a guest extension image of hypervisor.qemu has no name"},
		{"an extension image with bad parameters", image + "name = 'a'\npath = 'ROOT/share/image'\nverity_params = 'x=1'\n", nil,
			"verity_params of the guest extension image a", "verity_params of the guest extension image a"},
		{"an extension image", image + "name = 'a'\npath = 'ROOT/share/image'\n" + verity, nil, "", ""},
		{"an extension image that is missing", image + "name = 'a'\npath = '/none'\n" + verity, nil,
			"", "extension a of hypervisor.qemu does not exist"},
		{"virtio-fs without a daemon", qemu + "virtio_fs_daemon = ''\n", nil,
			"virtio_fs_daemon of hypervisor.qemu is not set", ""},
		{"no name of the runtime", "[runtime]\nname = ''\n", nil, "", "name of runtime is not set"},
		{"no name of the hypervisor", "[runtime]\nhypervisor_name = ''\n", nil, "", "hypervisor_name of runtime is not set"},
		{"no name of the agent", "[runtime]\nagent_name = ''\n", nil, "", "agent_name of runtime is not set"},
		{"a jailer of QEMU", qemu + "jailer_path = '/none'\n", nil, "", "jailer_path of hypervisor.qemu must be empty"},
		{"a path of dragonball", "[hypervisor.dragonball]\npath = '/none'\n", nil,
			"hypervisor.dragonball has neither", "path of hypervisor.dragonball must be empty"},
		{"a firmware of dragonball", "[hypervisor.dragonball]\nfirmware = '/none'\n", nil,
			"hypervisor.dragonball has neither", "firmware of hypervisor.dragonball must be empty"},
		{"secure execution", se, nil, "", ""},
		{"a firmware volume", qemu + "firmware_volume = '@FIRMWAREVOLUMEPATH_NV@'\n", nil,
			"firmware_volume of hypervisor.qemu does not exist", ""},
		{"a firmware volume of clh", "[hypervisor.clh]\npath = 'ROOT/bin/qemu'\nkernel = 'ROOT/share/vmlinux'\nimage = 'ROOT/share/image'\nshared_fs = 'none'\nfirmware_volume = '/none'\n", nil,
			"", ""},
		{"an empty image", "", empty, "image of hypervisor.qemu is empty", ""},
	}
	for _, test := range tests {
		for runtime, want := range map[Runtime]string{Go: test.inGo, Rust: test.inRust} {
			t.Run(string(runtime)+": "+test.name, func(t *testing.T) {
				_, _, err := checkBy(t, runtime, test.dropIn, test.change)

				switch {
				case want == "" && err != nil:
					t.Errorf("refused: %v", err)
				case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
					t.Errorf("got %v, want %s", err, want)
				}
			})
		}
	}
}
