// SPDX-License-Identifier: Apache-2.0

// Package origin finds the Kata tree and the release that an executable was started from.
package origin

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Origin describes where an executable is. Empty fields are unknown.
type Origin struct {
	Executable string `json:"executable"` // its path without symbolic links
	Root       string `json:"root"`       // the Kata tree: the directory above bin/ or runtime-rs/bin/
	Release    string `json:"release"`    // the path element after the last "releases/"
	Version    string `json:"version"`    // first line of <root>/VERSION
}

// Self is the origin of the running process. It uses /proc, because the stable path that the
// engine ran is a link that may already point to another release.
func Self() (Origin, error) {
	executable, err := os.Readlink("/proc/self/exe")
	if err != nil {
		return Origin{}, fmt.Errorf("kata: cannot find the path of this executable: %w", err)
	}
	return Of(executable), nil
}

// Of is the origin of the executable with the given resolved path.
func Of(executable string) Origin {
	root := rootOf(executable)
	return Origin{
		Executable: executable,
		Root:       root,
		Release:    releaseOf(executable),
		Version:    versionOf(root),
	}
}

// IsRust reports whether the executable is where Kata's Rust shim would be.
func (o Origin) IsRust() bool {
	return filepath.Base(filepath.Dir(filepath.Dir(o.Executable))) == "runtime-rs"
}

func rootOf(executable string) string {
	directory := filepath.Dir(executable)
	if filepath.Base(directory) != "bin" {
		return ""
	}
	root := filepath.Dir(directory)
	if filepath.Base(root) == "runtime-rs" {
		return filepath.Dir(root)
	}
	return root
}

func releaseOf(executable string) string {
	elements := strings.Split(executable, "/")
	// The last element is the executable itself, not a release.
	for i := len(elements) - 3; i >= 0; i-- {
		if elements[i] == "releases" {
			return elements[i+1]
		}
	}
	return ""
}

func versionOf(root string) string {
	if root == "" {
		return ""
	}
	content, err := os.ReadFile(filepath.Join(root, "VERSION"))
	if err != nil {
		return ""
	}
	line, _, _ := strings.Cut(string(content), "\n")
	return strings.TrimSpace(line)
}
