// SPDX-License-Identifier: Apache-2.0

package config

import (
	"fmt"
	"maps"
	"os"
	"slices"
)

// need is one file that a hypervisor's table may name.
type need struct {
	role       string
	key        string
	required   bool // Kata cannot go on without it
	executable bool
	filled     bool // Kata refuses an empty one
}

var (
	hypervisorBinary = need{role: "hypervisor", key: "path", required: true, executable: true}
	kernel           = need{role: "kernel", key: "kernel", required: true}
	image            = need{role: "image", key: "image", filled: true}
	initrd           = need{role: "initrd", key: "initrd", filled: true}
	firmware         = need{role: "firmware", key: "firmware"}
	firmwareVolume   = need{role: "firmware_volume", key: "firmware_volume"}
	virtioFSDaemon   = need{role: "virtio_fs_daemon", key: "virtio_fs_daemon", executable: true}
	jailer           = need{role: "jailer", key: "jailer_path", executable: true}
)

// Checked is what a configuration names and was found to exist.
type Checked struct {
	Hypervisor string            // name of its table
	Files      map[string]string // role to resolved path
}

// Check looks for every file that the configuration names and Kata needs to start a VM. As Kata
// it looks through all hypervisor tables; usual configurations have one.
func (c *Configuration) Check() (Checked, error) {
	tables, _ := c.tree["hypervisor"].(map[string]any)
	if len(tables) == 0 {
		return Checked{}, fmt.Errorf("kata: no [hypervisor.<name>] table in %s", c.Path)
	}
	checked := Checked{Files: map[string]string{}}
	for _, name := range slices.Sorted(maps.Keys(tables)) {
		checked.Hypervisor = name
		if err := c.checkHypervisor(name, checked.Files); err != nil {
			return Checked{}, err
		}
	}
	return checked, nil
}

func (c *Configuration) checkHypervisor(name string, files map[string]string) error {
	if name == "remote" {
		return nil // the VM is elsewhere, and so are its files
	}
	needs, err := c.needs(name)
	if err != nil {
		return err
	}
	for _, need := range needs {
		path, file, err := c.text(name, need.key)
		if err != nil {
			return err
		}
		subject := fmt.Sprintf("kata: %s of hypervisor.%s", need.role, name)
		if path == "" {
			if need.required {
				return fmt.Errorf("%s is not set (in %s)", subject, c.Path)
			}
			continue
		}
		resolved, err := usable(path, need)
		if err != nil {
			return fmt.Errorf("%s %w (named by %s)", subject, err, file)
		}
		files[need.role] = resolved
	}
	return nil
}

// needs are the files that this hypervisor is asked for.
func (c *Configuration) needs(name string) ([]need, error) {
	rootfs, err := c.rootfs(name)
	if err != nil {
		return nil, err
	}
	var needs []need
	if name != "dragonball" { // it is part of the shim
		needs = append(needs, hypervisorBinary)
	}
	if name == "firecracker" {
		needs = append(needs, jailer)
	}
	needs = append(needs, kernel, rootfs, firmware, firmwareVolume)

	sharedFS, _, err := c.text(name, "shared_fs")
	if err != nil {
		return nil, err
	}
	switch sharedFS {
	case "", "virtio-fs", "virtio-fs-nydus": // virtio-fs is Kata's default
		needs = append(needs, virtioFSDaemon)
	}
	return needs, nil
}

// rootfs says which of image and initrd the guest boots from; Kata wants exactly one.
func (c *Configuration) rootfs(name string) (need, error) {
	imagePath, imageFile, err := c.text(name, image.key)
	if err != nil {
		return need{}, err
	}
	initrdPath, initrdFile, err := c.text(name, initrd.key)
	if err != nil {
		return need{}, err
	}
	switch {
	case imagePath != "" && initrdPath != "":
		return need{}, fmt.Errorf("kata: hypervisor.%s has both an image (%s, named by %s) and an initrd (%s, named by %s)",
			name, imagePath, imageFile, initrdPath, initrdFile)
	case imagePath != "":
		return image, nil
	case initrdPath != "":
		return initrd, nil
	default:
		return need{}, fmt.Errorf("kata: hypervisor.%s has neither an image nor an initrd (in %s)", name, c.Path)
	}
}

// text is the value of a key of a hypervisor's table and the file that set it last.
func (c *Configuration) text(hypervisor, key string) (value, file string, err error) {
	for _, layer := range slices.Backward(c.layers) {
		tables, _ := layer.tree["hypervisor"].(map[string]any)
		table, _ := tables[hypervisor].(map[string]any)
		found, isSet := table[key]
		if !isSet {
			continue
		}
		text, isText := found.(string)
		if !isText {
			return "", "", fmt.Errorf("kata: %s of hypervisor.%s is not a string (in %s)", key, hypervisor, layer.file)
		}
		return text, layer.file, nil
	}
	return "", "", nil
}

// usable is the resolved path of a file that can serve the need.
func usable(path string, need need) (string, error) {
	resolved, err := resolve(path)
	if err != nil {
		return "", err
	}
	state, err := os.Stat(resolved)
	switch {
	case err != nil:
		return "", absence(path, err)
	case state.IsDir():
		return "", fmt.Errorf("is a directory: %s", resolved)
	case need.executable && state.Mode().Perm()&0o111 == 0:
		return "", fmt.Errorf("is not executable: %s", resolved)
	case need.filled && state.Size() == 0:
		return "", fmt.Errorf("is empty: %s", resolved)
	}
	return resolved, nil
}
