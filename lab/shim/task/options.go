// SPDX-License-Identifier: Apache-2.0

package task

import (
	"fmt"
	"regexp"
	"strings"

	runcoptions "github.com/containerd/containerd/api/types/runc/options"
	"github.com/containerd/containerd/pkg/runtimeoptions/v1"
	"github.com/containerd/containerd/protobuf"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"
)

// kataOptions are the message names under which engines send ConfigPath: containerd's since it
// includes the CRI plugin, and the older one of the plugin's own repository, which Kata still
// accepts. Both have the same fields.
var kataOptions = []string{"runtimeoptions.v1.Options", "cri.runtimeoptions.v1.Options"}

// configPathOf is the ConfigPath of runtime options, "" for options of any other type.
func configPathOf(options *anypb.Any) (string, error) {
	name := messageName(options)
	for _, known := range kataOptions {
		if name != known {
			continue
		}
		var decoded runtimeoptions_v1.Options
		if err := proto.Unmarshal(options.GetValue(), &decoded); err != nil {
			return "", fmt.Errorf("kata: runtime options of type %s: %w", name, err)
		}
		return decoded.GetConfigPath(), nil
	}
	return "", nil
}

// runcOptionsOf are options for runc's service, which panics on any type but its own.
func runcOptionsOf(options *anypb.Any, cgroupsPath string) (*anypb.Any, error) {
	if messageName(options) == string((&runcoptions.Options{}).ProtoReflect().Descriptor().FullName()) {
		return options, nil
	}
	return protobuf.MarshalAnyToProto(&runcoptions.Options{SystemdCgroup: systemdCgroup.MatchString(cgroupsPath)})
}

// systemdCgroup is the form slice:prefix:name. From it Kata detects the systemd cgroup driver; runc
// needs an option.
var systemdCgroup = regexp.MustCompile(`^[^/:]+\.slice:[^:]+:[^:]+$`)

// messageName is the type without the host with which some engines prefix it.
func messageName(options *anypb.Any) string {
	url := options.GetTypeUrl()
	return url[strings.LastIndex(url, "/")+1:]
}
