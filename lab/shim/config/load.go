// SPDX-License-Identifier: Apache-2.0

package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/pelletier/go-toml/v2"
)

// layer is one file of a configuration.
type layer struct {
	file string
	tree map[string]any
}

// Configuration is a file with its drop-ins merged over it.
type Configuration struct {
	Path    string // the main file
	runtime Runtime
	layers  []layer
	tree    map[string]any
}

// Load reads the file with the given resolved path and all of config.d next to it. Like both
// runtimes of Kata it reads every entry, whatever its name, also a stray backup or half-written
// file. A directory is an error, and in Rust so is a link.
func Load(runtime Runtime, path string) (*Configuration, error) {
	main, err := read(path)
	if err != nil {
		return nil, err
	}
	configuration := &Configuration{Path: path, runtime: runtime, layers: []layer{main}, tree: main.tree}

	directory := filepath.Join(filepath.Dir(path), "config.d")
	entries, err := os.ReadDir(directory) // in lexical order
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("kata: cannot read the drop-ins: %w", err)
	}
	for _, entry := range entries {
		file := filepath.Join(directory, entry.Name())
		if runtime == Rust && entry.Type()&fs.ModeSymlink != 0 {
			return nil, fmt.Errorf("kata: configuration cannot be read: %s is a link", file)
		}
		dropIn, err := read(file)
		if err != nil {
			return nil, err
		}
		configuration.layers = append(configuration.layers, dropIn)
		configuration.tree = merge(configuration.tree, dropIn.tree)
	}
	return configuration, nil
}

// Files are all files that were read, in order.
func (c *Configuration) Files() []string {
	files := make([]string, 0, len(c.layers))
	for _, layer := range c.layers {
		files = append(files, layer.file)
	}
	return files
}

func read(path string) (layer, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return layer{}, fmt.Errorf("kata: configuration cannot be read: %w", err)
	}
	var tree map[string]any
	if err := toml.Unmarshal(content, &tree); err != nil {
		return layer{}, syntaxError(path, err)
	}
	return layer{file: path, tree: tree}, nil
}

func syntaxError(path string, err error) error {
	var decode *toml.DecodeError
	if !errors.As(err, &decode) {
		return fmt.Errorf("kata: configuration %s: %w", path, err)
	}
	line, column := decode.Position()
	return fmt.Errorf("kata: configuration %s:%d:%d: %w", path, line, column, err)
}
