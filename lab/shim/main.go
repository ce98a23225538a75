// SPDX-License-Identifier: Apache-2.0

// Command containerd-shim-kata-v2 stands in for Kata's shim in the lab, where no virtual machine
// can boot: it does what Kata's does up to starting the VM, then runs the container with runc.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/containerd/containerd/runtime/v2/shim"

	"kata/lab/shim/config"
	"kata/lab/shim/info"
	"kata/lab/shim/manager"
	"kata/lab/shim/origin"
	"kata/lab/shim/record"
	"kata/lab/shim/task"
)

// runtimeName is the name Kata's shim gives itself.
const runtimeName = "io.containerd.kata.v2"

func main() {
	// Read first: later the release may have been removed.
	self, err := origin.Self()
	if err != nil {
		fail(err)
	}
	recorder := record.New(record.Path, self)

	switch soleArgument() {
	case "-v", "-version", "--version":
		fmt.Printf("kata-containers containerd shim (stand-in for the lab, starts no virtual machine): id: %q, version: %s\n",
			runtimeName, self.Version)
		return
	case "-info", "--info":
		// containerd 1.7's library has no such flag; newer engines use it. Not recorded: packing uses it, too.
		if err := info.Answer(os.Stdin, os.Stdout, runtimeName, self); err != nil {
			fail(err)
		}
		return
	}

	task.Register(recorder, runtimeOf(self))
	shim.RunManager(context.Background(), manager.New(runtimeName, recorder))
}

// runtimeOf is the runtime that the executable imitates, according to its path.
func runtimeOf(self origin.Origin) config.Runtime {
	if self.IsRust() {
		return config.Rust
	}
	return config.Go
}

// soleArgument is the argument when there is exactly one, else "": the engine passes -info alone;
// among the arguments of start such a word would be a value.
func soleArgument() string {
	if len(os.Args) != 2 {
		return ""
	}
	return os.Args[1]
}

func fail(err error) {
	fmt.Fprintf(os.Stderr, "%s: %v\n", runtimeName, err)
	os.Exit(1)
}
