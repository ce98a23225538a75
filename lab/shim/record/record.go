// SPDX-License-Identifier: Apache-2.0

// Package record appends the actions of the shim, with their release, to a file that tests read.
package record

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/containerd/log"

	"kata/lab/shim/origin"
)

// Path is where all shims of a node append their records.
const Path = "/run/kata-stand-in/records.jsonl"

// Event is the kind of a record.
type Event string

// The events. Start, daemon and delete are separate processes, so each records its own release.
const (
	Start  Event = "start"
	Daemon Event = "daemon"
	Create Event = "create"
	Delete Event = "delete"
)

// Record is one line of the file.
type Record struct {
	Time      time.Time `json:"time"`
	Event     Event     `json:"event"`
	ID        string    `json:"id"`
	Sandbox   string    `json:"sandbox"`
	Namespace string    `json:"namespace"`
	origin.Origin
	PID int `json:"pid"`

	// Only in "create".
	ConfigPath  string            `json:"configPath,omitempty"`  // resolved
	ConfigFiles []string          `json:"configFiles,omitempty"` // all that were read, in order
	Files       map[string]string `json:"files,omitempty"`       // role to resolved path
	Error       string            `json:"error,omitempty"`       // why it was refused
}

// Recorder adds the fields that all records of a process share.
type Recorder struct {
	path   string
	origin origin.Origin
}

// New returns the recorder of a process that was started from the given origin.
func New(path string, self origin.Origin) *Recorder {
	return &Recorder{path: path, origin: self}
}

// Note appends the record. A failure is only logged: records must not change what they observe.
func (r *Recorder) Note(ctx context.Context, record Record) {
	record.Time = time.Now()
	record.Origin = r.origin
	record.PID = os.Getpid()
	if err := appendLine(r.path, record); err != nil {
		log.G(ctx).WithError(err).WithField("event", record.Event).Warn("kata: cannot write the record")
	}
}

// appendLine writes the line with a single write(2), so that lines of several processes never mix.
func appendLine(path string, record Record) (err error) {
	line, err := json.Marshal(record)
	if err != nil {
		return fmt.Errorf("encode record: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o644)
	if err != nil {
		return err
	}
	if _, err := file.Write(append(line, '\n')); err != nil {
		file.Close()
		return err
	}
	return file.Close()
}
