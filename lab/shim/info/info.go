// SPDX-License-Identifier: Apache-2.0

// Package info implements -info, with which containerd 2 queries a shim.
package info

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/containerd/containerd/api/types"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"

	"kata/lab/shim/origin"
)

// annotationsFile, below the root of a payload's tree, changes its answer.
const annotationsFile = "share/kata-stand-in/info.json"

// version is the same for all releases: only annotationsFile makes their answers differ, so that a
// test controls whether an upgrade changes what an engine caches about the shim.
const version = "stand-in"

// Answer reads the runtime options of the engine and writes the description of the shim.
func Answer(in io.Reader, out io.Writer, name string, self origin.Origin) error {
	options, err := readOptions(in)
	if err != nil {
		return err
	}
	annotations, err := readAnnotations(self.Root)
	if err != nil {
		return err
	}
	answer, err := proto.MarshalOptions{Deterministic: true}.Marshal(&types.RuntimeInfo{
		Name:        name,
		Version:     &types.RuntimeVersion{Version: version},
		Options:     options,
		Annotations: annotations,
	})
	if err != nil {
		return err
	}
	_, err = out.Write(answer)
	return err
}

func readOptions(in io.Reader) (*anypb.Any, error) {
	content, err := io.ReadAll(in)
	if err != nil {
		return nil, fmt.Errorf("kata: runtime options: %w", err)
	}
	if len(content) == 0 {
		return nil, nil
	}
	options := &anypb.Any{}
	if err := proto.Unmarshal(content, options); err != nil {
		return nil, fmt.Errorf("kata: runtime options: %w", err)
	}
	return options, nil
}

func readAnnotations(root string) (map[string]string, error) {
	if root == "" {
		return nil, nil
	}
	path := filepath.Join(root, annotationsFile)
	content, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("kata: annotations: %w", err)
	}
	var annotations map[string]string
	if err := json.Unmarshal(content, &annotations); err != nil {
		return nil, fmt.Errorf("kata: annotations: %s: %w", path, err)
	}
	return annotations, nil
}
