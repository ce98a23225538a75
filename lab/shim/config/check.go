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
	required   bool // Kata fails without it
	executable bool
	filled     bool // Kata refuses an empty file
}

var (
	hypervisorBinary = need{role: "hypervisor", key: "path", required: true, executable: true}
	kernel           = need{role: "kernel", key: "kernel", required: true}
	image            = need{role: "image", key: "image"}
	initrd           = need{role: "initrd", key: "initrd"}
	firmware         = need{role: "firmware", key: "firmware"}
	firmwareVolume   = need{role: "firmware_volume", key: "firmware_volume"}
	virtioFSDaemon   = need{role: "virtio_fs_daemon", key: "virtio_fs_daemon", executable: true}
	jailer           = need{role: "jailer", key: "jailer_path", executable: true}
)

// Checked has the files that a configuration names; all exist.
type Checked struct {
	Hypervisor string            // name of its table
	Files      map[string]string // role to resolved path
}

// Check fails when a file is missing that the configuration names and Kata needs to start a VM, or
// when Kata would refuse a value. Like Kata it checks all hypervisor tables; usually there is one.
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
	return checked, c.checkNames()
}

func (c *Configuration) checkHypervisor(name string, files map[string]string) error {
	if name == "remote" {
		return nil // the VM and its files are on another machine
	}
	if err := c.checkValues(name); err != nil {
		return err
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
		if path == "" && !need.required {
			continue
		}
		resolved, err := c.usable(name, need, path, file)
		if err != nil {
			return err
		}
		files[need.role] = resolved
	}
	return c.checkLists(name, files)
}

// checkLists checks the files in lists.
func (c *Configuration) checkLists(name string, files map[string]string) error {
	if c.runtime == Go && name != "qemu" {
		return nil // Kata reads neither list
	}
	flashes, file := c.value(name, "pflashes")
	for i, path := range texts(flashes) {
		role := fmt.Sprintf("pflash %d", i)
		resolved, err := c.usable(name, need{role: role}, path, file)
		if err != nil {
			return err
		}
		files[role] = resolved
	}
	images, file := c.value(name, "guest_extension_images")
	for _, image := range tables(images) {
		title, _ := image["name"].(string)
		verity, _ := image["verity_params"].(string)
		path, _ := image["path"].(string)
		switch {
		case title == "":
			return fmt.Errorf("kata: a guest extension image of hypervisor.%s has no name (in %s)", name, file)
		case !isVerityParams(verity):
			return fmt.Errorf("kata: verity_params of the guest extension image %s of hypervisor.%s are invalid (in %s)", title, name, file)
		case c.runtime == Go:
			continue // Kata opens the file after QEMU has started
		}
		role := "extension " + title
		resolved, err := c.usable(name, need{role: role}, path, file)
		if err != nil {
			return err
		}
		files[role] = resolved
	}
	return nil
}

// needs are the files that this hypervisor must or may have.
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
	needs = append(needs, kernel, firmware)
	needs = append(needs, rootfs...)
	if c.runtime == Go && name == "qemu" {
		needs = append(needs, firmwareVolume)
	}
	daemon, err := c.needsDaemon(name)
	if err != nil {
		return nil, err
	}
	if daemon {
		needs = append(needs, virtioFSDaemon)
	}
	return needs, nil
}

// rootfs is the image or the initrd, whichever the guest boots from. Kata requires exactly one, except
// for IBM Secure Execution, whose kernel includes both.
func (c *Configuration) rootfs(name string) ([]need, error) {
	imagePath, imageFile, err := c.text(name, image.key)
	if err != nil {
		return nil, err
	}
	initrdPath, initrdFile, err := c.text(name, initrd.key)
	if err != nil {
		return nil, err
	}
	found := image
	switch {
	case imagePath != "" && initrdPath != "":
		return nil, fmt.Errorf("kata: hypervisor.%s has both an image (%s, named by %s) and an initrd (%s, named by %s)",
			name, imagePath, imageFile, initrdPath, initrdFile)
	case imagePath != "":
	case initrdPath != "":
		found = initrd
	case c.isSecureExecution(name):
		return nil, nil
	default:
		return nil, fmt.Errorf("kata: hypervisor.%s has neither an image nor an initrd (in %s)", name, c.Path)
	}
	found.filled = c.runtime == Go
	return []need{found}, nil
}

func (c *Configuration) isSecureExecution(name string) bool {
	machine, _, _ := c.text(name, "machine_type")
	confidential, _ := c.value(name, "confidential_guest")
	return machine == "s390-ccw-virtio" && confidential == true
}

// value returns a key's value in a hypervisor's table, nil for none, and the file that set it last.
func (c *Configuration) value(hypervisor, key string) (found any, file string) {
	for _, layer := range slices.Backward(c.layers) {
		tables, _ := layer.tree["hypervisor"].(map[string]any)
		table, _ := tables[hypervisor].(map[string]any)
		if value, isSet := table[key]; isSet {
			return value, layer.file
		}
	}
	return nil, ""
}

// text returns a key's string in a hypervisor's table and the file that set it last.
func (c *Configuration) text(hypervisor, key string) (value, file string, err error) {
	found, file := c.value(hypervisor, key)
	if found == nil {
		return "", "", nil
	}
	text, isText := found.(string)
	if !isText {
		return "", "", fmt.Errorf("kata: %s of hypervisor.%s is not a string (in %s)", key, hypervisor, file)
	}
	return text, file, nil
}

// usable returns the resolved path of a file that can serve the need of a hypervisor.
func (c *Configuration) usable(hypervisor string, need need, path, file string) (string, error) {
	subject := fmt.Sprintf("kata: %s of hypervisor.%s", need.role, hypervisor)
	if path == "" {
		return "", fmt.Errorf("%s is not set (in %s)", subject, c.Path)
	}
	resolved, err := resolve(path)
	if err == nil {
		err = serves(resolved, need)
	}
	if err != nil {
		return "", fmt.Errorf("%s %w (named by %s)", subject, err, file)
	}
	return resolved, nil
}

// serves returns an error when the file with a resolved path cannot serve the need.
func serves(path string, need need) error {
	state, err := os.Stat(path)
	switch {
	case err != nil:
		return absence(path, err)
	case state.IsDir():
		return fmt.Errorf("is a directory: %s", path)
	case need.executable && state.Mode().Perm()&0o111 == 0:
		return fmt.Errorf("is not executable: %s", path)
	case need.filled && state.Size() == 0:
		return fmt.Errorf("is empty: %s", path)
	}
	return nil
}

func texts(list any) []string {
	items, _ := list.([]any)
	var found []string
	for _, item := range items {
		if text, isText := item.(string); isText {
			found = append(found, text)
		}
	}
	return found
}

func tables(list any) []map[string]any {
	items, _ := list.([]any)
	var found []map[string]any
	for _, item := range items {
		if table, isTable := item.(map[string]any); isTable {
			found = append(found, table)
		}
	}
	return found
}
