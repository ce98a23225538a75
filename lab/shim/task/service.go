// SPDX-License-Identifier: Apache-2.0

// Package task wraps runc's task service: it checks Kata's configuration before a sandbox starts,
// and keeps Kata's trace of the sandbox while it is running.
package task

import (
	"context"
	"fmt"
	"os"
	"sync"

	taskapi "github.com/containerd/containerd/api/runtime/task/v2"
	"github.com/containerd/containerd/namespaces"
	"github.com/containerd/log"
	"github.com/containerd/ttrpc"

	"kata/lab/shim/bundle"
	"kata/lab/shim/config"
	"kata/lab/shim/record"
	"kata/lab/shim/running"
)

// service is runc's service except Create and Delete.
type service struct {
	taskapi.TaskService
	recorder *record.Recorder
	runtime  config.Runtime
	defaults []string // paths of the configuration when no other source names one
	traces   string   // directory of the traces of running sandboxes

	mu      sync.Mutex
	sandbox string // the one whose VM is running, "" for none
}

// RegisterTTRPC makes the shim library serve this service.
func (s *service) RegisterTTRPC(server *ttrpc.Server) error {
	taskapi.RegisterTaskService(server, s)
	return nil
}

// Create does for a sandbox what Kata does before it starts the VM, then creates the container.
func (s *service) Create(ctx context.Context, request *taskapi.CreateTaskRequest) (*taskapi.CreateTaskResponse, error) {
	spec, err := bundle.Read(request.Bundle)
	if err != nil {
		return nil, err
	}
	configPath, err := configPathOf(request.Options)
	if err != nil {
		return nil, err
	}
	if request.Options, err = runcOptionsOf(request.Options, spec.Linux.CgroupsPath); err != nil {
		return nil, err
	}
	if spec.IsSandbox() {
		return s.createSandbox(ctx, request, config.Sources{
			Option:      configPath,
			Environment: os.Getenv(config.Environment),
			Defaults:    s.defaults,
		})
	}
	if s.vm() == "" {
		return nil, fmt.Errorf("kata: container %s cannot be created: its sandbox %s is not running in this shim",
			request.ID, spec.Sandbox(request.ID))
	}
	return s.TaskService.Create(ctx, request)
}

func (s *service) createSandbox(ctx context.Context, request *taskapi.CreateTaskRequest, sources config.Sources) (_ *taskapi.CreateTaskResponse, err error) {
	namespace, _ := namespaces.Namespace(ctx)
	created := record.Record{Event: record.Create, ID: request.ID, Sandbox: request.ID, Namespace: namespace}
	defer func() {
		if err != nil {
			created.Error = err.Error()
		}
		s.recorder.Note(ctx, created)
	}()

	if created.ConfigPath, err = config.Find(s.runtime, sources); err != nil {
		return nil, err
	}
	configuration, err := config.Load(s.runtime, created.ConfigPath)
	if err != nil {
		return nil, err
	}
	created.ConfigFiles = configuration.Files()
	checked, err := configuration.Check()
	if err != nil {
		return nil, err
	}
	created.Files = checked.Files

	trace := running.Sandbox{ID: request.ID, ConfigPath: created.ConfigPath, Hypervisor: checked.Hypervisor}
	if err := running.Add(s.traces, trace); err != nil {
		return nil, err
	}
	response, err := s.TaskService.Create(ctx, request)
	if err != nil {
		s.removeTrace(ctx, request.ID)
		return nil, err
	}
	s.setVM(request.ID)
	return response, nil
}

// Delete of the sandbox's own task ends the sandbox; deletion of a process in it does not.
func (s *service) Delete(ctx context.Context, request *taskapi.DeleteRequest) (*taskapi.DeleteResponse, error) {
	response, err := s.TaskService.Delete(ctx, request)
	if err == nil && request.ExecID == "" && request.ID == s.vm() {
		s.setVM("")
		s.removeTrace(ctx, request.ID)
	}
	return response, err
}

func (s *service) removeTrace(ctx context.Context, id string) {
	if err := running.Remove(s.traces, id); err != nil {
		log.G(ctx).WithError(err).Warn("kata: cannot remove the trace of the sandbox")
	}
}

func (s *service) vm() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sandbox
}

func (s *service) setVM(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sandbox = id
}
