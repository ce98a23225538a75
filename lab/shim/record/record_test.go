// SPDX-License-Identifier: Apache-2.0

package record

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"kata/lab/shim/origin"
)

func TestNoteAppendsOneLineEach(t *testing.T) {
	path := filepath.Join(t.TempDir(), "made", "records.jsonl")
	self := origin.Origin{
		Executable: "/opt/kata/releases/r1/bin/containerd-shim-kata-v2",
		Root:       "/opt/kata/releases/r1",
		Release:    "r1",
		Version:    "3.22.0",
	}
	recorder := New(path, self)

	recorder.Note(context.Background(), Record{Event: Start, ID: "c1", Sandbox: "s1", Namespace: "k8s.io"})
	recorder.Note(context.Background(), Record{
		Event: Create, ID: "s1", Sandbox: "s1", Namespace: "k8s.io",
		ConfigPath:  "/c.toml",
		ConfigFiles: []string{"/c.toml", "/config.d/1.toml"},
		Files:       map[string]string{"kernel": "/vmlinux"},
	})

	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSuffix(string(content), "\n"), "\n")
	common := `"executable":"/opt/kata/releases/r1/bin/containerd-shim-kata-v2","root":"/opt/kata/releases/r1","release":"r1","version":"3.22.0","pid":` + fmt.Sprint(os.Getpid())
	want := []string{
		`"event":"start","id":"c1","sandbox":"s1","namespace":"k8s.io",` + common + `}`,
		`"event":"create","id":"s1","sandbox":"s1","namespace":"k8s.io",` + common +
			`,"configPath":"/c.toml","configFiles":["/c.toml","/config.d/1.toml"],"files":{"kernel":"/vmlinux"}}`,
	}
	if len(lines) != len(want) {
		t.Fatalf("got %d lines: %s", len(lines), content)
	}
	for i, line := range lines {
		var stamp struct{ Time string }
		if err := json.Unmarshal([]byte(line), &stamp); err != nil {
			t.Fatal(err)
		}
		if _, err := time.Parse(time.RFC3339Nano, stamp.Time); err != nil {
			t.Error(err)
		}
		if got := strings.TrimPrefix(line, `{"time":"`+stamp.Time+`",`); got != want[i] {
			t.Errorf("line %d:\n got %s\nwant %s", i, got, want[i])
		}
	}
}

func TestNoteSurvivesAnUnwritablePath(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}

	New(filepath.Join(file, "records.jsonl"), origin.Origin{}).Note(context.Background(), Record{Event: Start})
}
