// SPDX-License-Identifier: Apache-2.0

package task

import (
	"context"
	"flag"

	"github.com/containerd/containerd/namespaces"
	"github.com/containerd/containerd/pkg/shutdown"
	"github.com/containerd/containerd/plugin"
	runctask "github.com/containerd/containerd/runtime/v2/runc/task"
	"github.com/containerd/containerd/runtime/v2/shim"
	"github.com/containerd/log"

	"kata/lab/shim/bundle"
	"kata/lab/shim/config"
	"kata/lab/shim/record"
	"kata/lab/shim/running"
)

// Register registers the service with the shim library, which starts it in the daemon only.
func Register(recorder *record.Recorder, runtime config.Runtime) {
	plugin.Register(&plugin.Registration{
		Type:     plugin.TTRPCPlugin,
		ID:       "task",
		Requires: []plugin.Type{plugin.EventPlugin, plugin.InternalPlugin},
		InitFn: func(ic *plugin.InitContext) (interface{}, error) {
			publisher, err := ic.GetByID(plugin.EventPlugin, "publisher")
			if err != nil {
				return nil, err
			}
			stopper, err := ic.GetByID(plugin.InternalPlugin, "shutdown")
			if err != nil {
				return nil, err
			}
			runc, err := runctask.NewTaskService(ic.Context, publisher.(shim.Publisher), stopper.(shutdown.Service))
			if err != nil {
				return nil, err
			}
			noteDaemon(ic.Context, recorder)
			return &service{
				TaskService: runc,
				recorder:    recorder,
				runtime:     runtime,
				defaults:    config.Defaults,
				traces:      running.Directory,
			}, nil
		},
	})
}

// noteDaemon records that this process starts to serve. The library does not export the id, but it
// is a flag of the process, and the working directory is the bundle.
func noteDaemon(ctx context.Context, recorder *record.Recorder) {
	id := flag.Lookup("id").Value.String()
	namespace, _ := namespaces.Namespace(ctx)
	spec, err := bundle.Read(".")
	if err != nil {
		log.G(ctx).WithError(err).Warn("kata: cannot find the sandbox of the daemon")
	}
	recorder.Note(ctx, record.Record{Event: record.Daemon, ID: id, Sandbox: spec.Sandbox(id), Namespace: namespace})
}
