// SPDX-License-Identifier: Apache-2.0

// Package manager wraps the commands with which the engine runs the shim's executable: start and delete.
package manager

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/containerd/containerd/namespaces"
	"github.com/containerd/containerd/runtime/v2/runc"
	runcmanager "github.com/containerd/containerd/runtime/v2/runc/manager"
	"github.com/containerd/containerd/runtime/v2/shim"
	"github.com/containerd/log"

	"kata/lab/shim/bundle"
	"kata/lab/shim/record"
	"kata/lab/shim/running"
)

// New makes the manager of a shim with the given name. Containers of a pod share a daemon, and
// the daemon is started from the resolved path of this executable: runc's manager does both.
func New(name string, recorder *record.Recorder) shim.Manager {
	return &manager{Manager: runcmanager.NewShimManager(name), recorder: recorder, traces: running.Directory}
}

type manager struct {
	shim.Manager
	recorder *record.Recorder
	traces   string
}

// Start starts a daemon, or finds the one of the pod. Its working directory is the bundle.
func (m *manager) Start(ctx context.Context, id string, options shim.StartOpts) (string, error) {
	// The engine reads the daemon's address from stdout and stderr together: a warning would break it.
	log.L.Logger.SetOutput(startLog{})
	m.note(ctx, record.Start, id)
	if err := bundle.Amend(".", ownScore()); err != nil {
		log.G(ctx).WithError(err).Warn("kata: cannot amend the bundle")
	}
	return m.Manager.Start(ctx, id, options)
}

// Stop cleans up after a container whose daemon is gone or refused it.
func (m *manager) Stop(ctx context.Context, id string) (shim.StopStatus, error) {
	m.note(ctx, record.Delete, id)
	if err := running.Remove(m.traces, id); err != nil {
		log.G(ctx).WithError(err).Warn("kata: cannot remove the trace of the sandbox")
	}
	if err := nameRuntime(id); err != nil {
		log.G(ctx).WithError(err).Warn("kata: cannot write the runtime of the bundle")
	}
	return m.Manager.Stop(ctx, id)
}

func (m *manager) note(ctx context.Context, event record.Event, id string) {
	namespace, _ := namespaces.Namespace(ctx)
	// Without a specification the container counts as its own sandbox; starting it will report the
	// broken bundle.
	spec, _ := bundle.Read(".")
	m.recorder.Note(ctx, record.Record{Event: event, ID: id, Sandbox: spec.Sandbox(id), Namespace: namespace})
}

// ownScore is the OOM score of this process, 0 when unknown.
func ownScore() int {
	content, err := os.ReadFile("/proc/self/oom_score_adj")
	if err != nil {
		return 0
	}
	score, err := strconv.Atoi(strings.TrimSpace(string(content)))
	if err != nil {
		return 0
	}
	return score
}

// nameRuntime writes the name of the default runtime into a bundle that has none: runc's manager
// fails without one, and a container that the check refused never gets one.
func nameRuntime(id string) error {
	working, err := os.Getwd()
	if err != nil {
		return err
	}
	directory := filepath.Join(filepath.Dir(working), id)
	if _, err := runc.ReadRuntime(directory); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return runc.WriteRuntime(directory, "")
}

// startLog writes the log lines of start to a file of the bundle, which it creates when needed.
type startLog struct{}

func (startLog) Write(line []byte) (int, error) {
	file, err := os.OpenFile("kata-stand-in.log", os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return 0, err
	}
	defer file.Close()
	return file.Write(line)
}
