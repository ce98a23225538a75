// SPDX-License-Identifier: Apache-2.0

// Package config finds, reads and checks a Kata configuration as Kata's Go shim does before it
// starts a virtual machine.
package config

import (
	"fmt"
	"path/filepath"
	"strings"
)

// Environment is the variable that Kata's shim reads when nobody else names a configuration.
const Environment = "KATA_CONF_FILE"

// Defaults are the paths that a release of Kata has compiled in, the first that exists counts.
var Defaults = []string{
	"/etc/kata-containers/configuration.toml",
	"/opt/kata/share/defaults/kata-containers/configuration.toml",
}

// Sources are the places that may name a configuration, in falling order of precedence.
type Sources struct {
	Annotation  string // of the pod
	Option      string // ConfigPath in the runtime options of the engine's handler
	Environment string
	Defaults    []string
}

// Find is the resolved path of the configuration. Kata resolves it before it looks for config.d
// beside it, so a linked configuration brings the drop-ins of its target, not of the link.
func Find(sources Sources) (string, error) {
	named := []struct{ by, path string }{
		{"the pod's annotation io.katacontainers.config_path", sources.Annotation},
		{"ConfigPath of the runtime options", sources.Option},
		{"the environment variable " + Environment, sources.Environment},
	}
	for _, candidate := range named {
		if candidate.path == "" {
			continue
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
	return "", fmt.Errorf("kata: no configuration was named and none exists: %s", strings.Join(sources.Defaults, ", "))
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
