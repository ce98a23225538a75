// SPDX-License-Identifier: Apache-2.0

package config

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// sharedFS are the values that a runtime accepts, by hypervisor; "" for hypervisors without their own list.
var sharedFS = map[Runtime]map[string][]string{
	Go: {
		"qemu": {"virtio-fs", "virtio-fs-nydus", "virtio-9p", "none"},
		"clh":  {"virtio-fs", "virtio-fs-nydus", "none"},
	},
	Rust: {"": {"virtio-fs", "virtio-fs-nydus", "inline-virtio-fs", "none"}},
}

// mustBeEmpty are the keys that the Rust runtime refuses.
var mustBeEmpty = map[string][]string{
	"qemu":             {"jailer_path"},
	"clh":              {"jailer_path"},
	"cloud-hypervisor": {"jailer_path"},
	"dragonball":       {"path", "firmware"},
}

// checkValues refuses the values of a hypervisor's table that Kata refuses without reading any file.
func (c *Configuration) checkValues(name string) error {
	word, file, err := c.text(name, "shared_fs")
	if err != nil {
		return err
	}
	if words := c.sharedFS(name); word != "" && words != nil && !slices.Contains(words, word) {
		return fmt.Errorf("kata: shared_fs of hypervisor.%s is unknown: %s (in %s)", name, word, file)
	}
	if c.runtime == Go {
		return nil
	}
	for _, key := range mustBeEmpty[name] {
		if text, file, err := c.text(name, key); err != nil || text != "" {
			return fmt.Errorf("kata: %s of hypervisor.%s must be empty (in %s)", key, name, file)
		}
	}
	return nil
}

// sharedFS is nil for a hypervisor whose shared_fs the runtime ignores.
func (c *Configuration) sharedFS(name string) []string {
	if words, isKnown := sharedFS[c.runtime][name]; isKnown {
		return words
	}
	return sharedFS[c.runtime][""]
}

// needsDaemon reports whether the hypervisor shares files through a daemon. An empty shared_fs means
// virtio-fs to Go, which refuses an empty path of the daemon; a missing one means none to Rust.
func (c *Configuration) needsDaemon(name string) (bool, error) {
	if c.sharedFS(name) == nil {
		return false, nil
	}
	found, _ := c.value(name, "shared_fs")
	word, _ := found.(string)
	if c.runtime == Rust && found == nil {
		return false, nil
	}
	if !slices.Contains([]string{"", "virtio-fs", "virtio-fs-nydus"}, word) {
		return false, nil
	}
	path, file, err := c.text(name, "virtio_fs_daemon")
	if err == nil && path == "" && c.runtime == Go {
		if file == "" {
			file = c.Path
		}
		err = fmt.Errorf("kata: virtio_fs_daemon of hypervisor.%s is not set (in %s)", name, file)
	}
	return true, err
}

// checkNames requires the names for which the Rust runtime has no defaults.
func (c *Configuration) checkNames() error {
	if c.runtime == Go {
		return nil
	}
	table, _ := c.tree["runtime"].(map[string]any)
	for _, key := range []string{"name", "hypervisor_name", "agent_name"} {
		if text, _ := table[key].(string); text == "" {
			return fmt.Errorf("kata: %s of runtime is not set (in %s)", key, c.Path)
		}
	}
	return nil
}

// isVerityParams reports whether Kata accepts a text as parameters of dm-verity. Empty is allowed and
// means no dm-verity.
func isVerityParams(text string) bool {
	if strings.TrimSpace(text) == "" {
		return true
	}
	fields := map[string]string{}
	for _, field := range strings.Split(text, ",") {
		if field = strings.TrimSpace(field); field == "" {
			continue
		}
		key, value, isPair := strings.Cut(field, "=")
		if !isPair || key == "" {
			return false
		}
		fields[key] = value
	}
	if _, hasHash := fields["root_hash"]; !hasHash || fields["salt"] == "" {
		return false
	}
	return isSize(fields["data_blocks"], 1) && isSize(fields["data_block_size"], 512) && isSize(fields["hash_block_size"], 512)
}

func isSize(text string, unit uint64) bool {
	size, err := strconv.ParseUint(text, 10, 64)
	return err == nil && size > 0 && size%unit == 0
}
