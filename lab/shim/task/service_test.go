// SPDX-License-Identifier: Apache-2.0

package task

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	taskapi "github.com/containerd/containerd/api/runtime/task/v2"
	"google.golang.org/protobuf/types/known/anypb"

	"kata/lab/shim/config"
	"kata/lab/shim/origin"
	"kata/lab/shim/record"
)

// runc counts what reaches the service below.
type runc struct {
	taskapi.TaskService
	created []string
	fails   error
}

func (r *runc) Create(_ context.Context, request *taskapi.CreateTaskRequest) (*taskapi.CreateTaskResponse, error) {
	if messageName(request.Options) != "containerd.runc.v1.Options" {
		return nil, errors.New("runc would panic: " + request.Options.GetTypeUrl())
	}
	r.created = append(r.created, request.ID)
	return &taskapi.CreateTaskResponse{Pid: 1}, r.fails
}

func (r *runc) Delete(context.Context, *taskapi.DeleteRequest) (*taskapi.DeleteResponse, error) {
	return &taskapi.DeleteResponse{}, nil
}

// lab is a service over a fake runc, a configuration that it accepts, and a pod's bundles.
type lab struct {
	*service
	runc *runc
	root string
}

func newLab(t *testing.T) lab {
	root := t.TempDir()
	runc := &runc{}
	t.Setenv("KATA_CONF_FILE", "")
	write(t, root, "c.toml", "[hypervisor.qemu]\npath = '/proc/self/exe'\nkernel = '"+root+"/vmlinux'\nimage = '"+root+"/image'\nshared_fs = 'none'\n")
	write(t, root, "vmlinux", "x")
	write(t, root, "image", "x")
	write(t, root, "pod/config.json", `{"annotations":{"io.kubernetes.cri.container-type":"sandbox","io.kubernetes.cri.sandbox-id":"pod"}}`)
	write(t, root, "app/config.json", `{"annotations":{"io.kubernetes.cri.container-type":"container","io.kubernetes.cri.sandbox-id":"pod"}}`)
	return lab{
		service: &service{
			TaskService: runc,
			recorder:    record.New(filepath.Join(root, "records.jsonl"), origin.Origin{}),
			runtime:     config.Go,
			traces:      filepath.Join(root, "sbs"),
		},
		runc: runc,
		root: root,
	}
}

func (l lab) create(id string) error {
	value := append([]byte{0x12, byte(len(l.root) + len("/c.toml"))}, l.root+"/c.toml"...)
	_, err := l.Create(context.Background(), &taskapi.CreateTaskRequest{
		ID:      id,
		Bundle:  filepath.Join(l.root, id),
		Options: &anypb.Any{TypeUrl: "runtimeoptions.v1.Options", Value: value},
	})
	return err
}

func (l lab) traceOf(id string) bool {
	_, err := os.Stat(filepath.Join(l.root, "sbs", id, "persist.json"))
	return err == nil
}

func (l lab) records(t *testing.T) []record.Record {
	t.Helper()
	content, _ := os.ReadFile(filepath.Join(l.root, "records.jsonl"))
	var records []record.Record
	for line := range strings.Lines(string(content)) {
		var one record.Record
		if err := json.Unmarshal([]byte(line), &one); err != nil {
			t.Fatal(err)
		}
		records = append(records, one)
	}
	return records
}

func TestASandboxHasATraceUntilItIsDeleted(t *testing.T) {
	lab := newLab(t)

	if err := lab.create("pod"); err != nil {
		t.Fatal(err)
	}
	os.Remove(filepath.Join(lab.root, "vmlinux")) // its VM is already running
	if err := lab.create("app"); err != nil {
		t.Fatal(err)
	}

	if !lab.traceOf("pod") || lab.traceOf("app") {
		t.Error("only the sandbox leaves a trace")
	}
	records := lab.records(t)
	if len(records) != 1 {
		t.Fatalf("got %d records, want one for the sandbox", len(records))
	}
	created := records[0]
	if created.Event != record.Create || created.ID != "pod" || created.ConfigPath != lab.root+"/c.toml" ||
		len(created.ConfigFiles) != 1 || created.Files["kernel"] != lab.root+"/vmlinux" || created.Error != "" {
		t.Errorf("got %+v", created)
	}

	for _, gone := range []struct {
		name    string
		request *taskapi.DeleteRequest
		trace   bool
	}{
		{"the container", &taskapi.DeleteRequest{ID: "app"}, true},
		{"an exec in the sandbox", &taskapi.DeleteRequest{ID: "pod", ExecID: "probe"}, true},
		{"the sandbox", &taskapi.DeleteRequest{ID: "pod"}, false},
	} {
		if _, err := lab.Delete(context.Background(), gone.request); err != nil {
			t.Fatal(err)
		}
		if lab.traceOf("pod") != gone.trace {
			t.Errorf("after delete of %s: trace %v, want %v", gone.name, lab.traceOf("pod"), gone.trace)
		}
	}
}

func TestABrokenInstallationStartsNothing(t *testing.T) {
	lab := newLab(t)
	os.Remove(filepath.Join(lab.root, "vmlinux"))

	err := lab.create("pod")

	want := "kata: kernel of hypervisor.qemu does not exist: " + lab.root + "/vmlinux (named by " + lab.root + "/c.toml)"
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	if len(lab.runc.created) != 0 || lab.traceOf("pod") {
		t.Error("something started")
	}
	if records := lab.records(t); len(records) != 1 || records[0].Error != want {
		t.Errorf("got %+v", records)
	}
}

func TestASandboxThatRuncRefusesLeavesNoTrace(t *testing.T) {
	lab := newLab(t)
	lab.runc.fails = errors.New("no")

	if err := lab.create("pod"); err == nil || lab.traceOf("pod") {
		t.Errorf("got %v, trace %v", err, lab.traceOf("pod"))
	}
}

func TestAContainerNeedsItsSandbox(t *testing.T) {
	lab := newLab(t)

	err := lab.create("app")

	if err == nil || err.Error() != "kata: container app cannot be created: its sandbox pod is not running in this shim" {
		t.Errorf("got %v", err)
	}
}

func write(t *testing.T, root, name, content string) {
	t.Helper()
	path := filepath.Join(root, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}
