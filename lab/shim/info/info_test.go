// SPDX-License-Identifier: Apache-2.0

package info

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/containerd/containerd/api/types"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"

	"kata/lab/shim/origin"
)

func TestAnswer(t *testing.T) {
	options := &anypb.Any{TypeUrl: "runtimeoptions.v1.Options", Value: []byte("\x12\x07/c.toml")}
	tests := []struct {
		name        string
		options     *anypb.Any
		json        string
		annotations map[string]string
	}{
		{"no options", nil, "", nil},
		{"options are returned", options, "", nil},
		{"annotations of the payload", nil, `{"payload":"two"}`, map[string]string{"payload": "two"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			root := t.TempDir()
			if test.json != "" {
				writeAnnotations(t, root, test.json)
			}
			var in []byte
			if test.options != nil {
				in, _ = proto.Marshal(test.options)
			}

			var out bytes.Buffer
			err := Answer(bytes.NewReader(in), &out, "io.containerd.kata.v2", origin.Origin{Root: root, Version: "3.22.0"})

			if err != nil {
				t.Fatal(err)
			}
			got := &types.RuntimeInfo{}
			if err := proto.Unmarshal(out.Bytes(), got); err != nil {
				t.Fatal(err)
			}
			want := &types.RuntimeInfo{
				Name:        "io.containerd.kata.v2",
				Version:     &types.RuntimeVersion{Version: "stand-in"},
				Options:     test.options,
				Annotations: test.annotations,
			}
			if !proto.Equal(got, want) {
				t.Errorf("got %v, want %v", got, want)
			}
		})
	}
}

func TestBrokenAnnotationsAreNamed(t *testing.T) {
	root := t.TempDir()
	writeAnnotations(t, root, `{"nested":{}}`)

	err := Answer(strings.NewReader(""), &bytes.Buffer{}, "name", origin.Origin{Root: root})

	if err == nil || !strings.Contains(err.Error(), filepath.Join(root, annotationsFile)) {
		t.Errorf("got %v", err)
	}
}

func writeAnnotations(t *testing.T, root, content string) {
	t.Helper()
	path := filepath.Join(root, annotationsFile)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}
