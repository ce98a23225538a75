// SPDX-License-Identifier: Apache-2.0

package task

import (
	"testing"

	runcoptions "github.com/containerd/containerd/api/types/runc/options"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"
)

// kataValue is runtimeoptions.v1.Options{ConfigPath: "/c.toml"}.
var kataValue = []byte("\x12\x07/c.toml")

func TestConfigPathOf(t *testing.T) {
	tests := []struct {
		name    string
		options *anypb.Any
		want    string
	}{
		{"no options", nil, ""},
		{"containerd's CRI plugin", &anypb.Any{TypeUrl: "runtimeoptions.v1.Options", Value: kataValue}, "/c.toml"},
		{"with a host before the type", &anypb.Any{TypeUrl: "types.googleapis.com/runtimeoptions.v1.Options", Value: kataValue}, "/c.toml"},
		{"the old CRI plugin", &anypb.Any{TypeUrl: "cri.runtimeoptions.v1.Options", Value: kataValue}, "/c.toml"},
		{"runc's options", &anypb.Any{TypeUrl: "containerd.runc.v1.Options", Value: kataValue}, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := configPathOf(test.options)

			if err != nil || got != test.want {
				t.Errorf("got %q, %v", got, err)
			}
		})
	}
}

func TestRuncGetsOptionsOfItsOwnType(t *testing.T) {
	const systemd = "kubepods-pod1.slice:cri-containerd:c1"
	own, err := anypb.New(&runcoptions.Options{BinaryName: "crun"})
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name    string
		options *anypb.Any
		cgroups string
		want    *runcoptions.Options
	}{
		{"no options", nil, "/kubepods/pod1/c1", &runcoptions.Options{}},
		{"Kata's options", &anypb.Any{TypeUrl: "runtimeoptions.v1.Options", Value: kataValue}, "/kubepods/pod1/c1", &runcoptions.Options{}},
		{"cgroups of systemd", nil, systemd, &runcoptions.Options{SystemdCgroup: true}},
		{"runc's own stay", own, systemd, &runcoptions.Options{BinaryName: "crun"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			options, err := runcOptionsOf(test.options, test.cgroups)
			if err != nil {
				t.Fatal(err)
			}

			got := &runcoptions.Options{}
			if err := proto.Unmarshal(options.GetValue(), got); err != nil {
				t.Fatal(err)
			}
			if messageName(options) != "containerd.runc.v1.Options" || !proto.Equal(got, test.want) {
				t.Errorf("got %s %v, want %v", options.GetTypeUrl(), got, test.want)
			}
		})
	}
}
