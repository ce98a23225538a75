// SPDX-License-Identifier: Apache-2.0

// Package config finds, reads and checks a Kata configuration as Kata's shims do before they start
// a virtual machine.
package config

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
)

// Environment is the variable that may name a configuration for Kata's shim.
const Environment = "KATA_CONF_FILE"

// Defaults are the paths compiled into a release of Kata; the first that exists is used.
var Defaults = []string{
	"/etc/kata-containers/configuration.toml",
	"/opt/kata/share/defaults/kata-containers/configuration.toml",
}

// Sources are the places that may name a configuration. Since Kata 4.0 pod annotations
// cannot.
type Sources struct {
	Option      string // ConfigPath in the runtime options of the engine's handler
	Environment string
	Defaults    []string
}

type candidate struct {
	by, path     string
	onlyDefaults bool // since 4.0 the Go runtime accepts only a default path from there
}

// inOrder are the sources, highest precedence first.
func (s Sources) inOrder(runtime Runtime) []candidate {
	option := candidate{by: "ConfigPath of the runtime options", path: s.Option}
	environment := candidate{by: "the environment variable " + Environment, path: s.Environment, onlyDefaults: runtime == Go}
	if runtime == Rust {
		return []candidate{environment, option}
	}
	return []candidate{option, environment}
}

// Find returns the resolved path of the configuration. Kata looks for config.d next to the resolved
// path, so a linked configuration has the drop-ins of its target, not those of the link.
func Find(runtime Runtime, sources Sources) (string, error) {
	for _, candidate := range sources.inOrder(runtime) {
		if candidate.path == "" {
			continue
		}
		if candidate.onlyDefaults && !slices.Contains(sources.Defaults, candidate.path) {
			return "", fmt.Errorf("kata: the configuration is not one of the default paths: %s (named by %s)", candidate.path, candidate.by)
		}
		resolved, err := resolve(candidate.path)
		if err != nil {
			return "", fmt.Errorf("kata: configuration %w (named by %s)", err, candidate.by)
		}
		return resolved, nil
	}
	for _, path := range sources.Defaults {
		if resolved, err := resolve(path); err == nil {
			return resolved, nil
		}
	}
	return "", fmt.Errorf("kata: no source names a configuration, and no default path exists: %s", strings.Join(sources.Defaults, ", "))
}

func resolve(path string) (string, error) {
	absolute, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	resolved, err := filepath.EvalSymlinks(absolute)
	if err != nil {
		return "", absence(absolute, err)
	}
	return resolved, nil
}
