// SPDX-License-Identifier: Apache-2.0

package bundle

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
)

// group is the annotation by which runc's manager finds the daemon of a pod; containerd's CRI plugin needs none.
const group = "io.containerd.runc.v2.group"

// Amend makes config.json of a bundle of CRI-O acceptable to runc's manager and to runc: it names the group of the
// sandbox, and raises the OOM score to the process's own, because a process without CAP_SYS_RESOURCE cannot lower it.
// It changes nothing in other bundles.
func Amend(directory string, ownScore int) error {
	path := filepath.Join(directory, "config.json")
	content, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("kata: cannot read the bundle: %w", err)
	}
	var config map[string]any
	if err := json.Unmarshal(content, &config); err != nil {
		return fmt.Errorf("kata: %s: %w", path, err)
	}
	annotations, _ := config["annotations"].(map[string]any)
	sandbox, _ := annotations["io.kubernetes.cri-o.SandboxID"].(string)
	if sandbox == "" {
		return nil
	}
	annotations[group] = sandbox
	if process, ok := config["process"].(map[string]any); ok {
		if score, ok := process["oomScoreAdj"].(float64); ok && int(score) < ownScore {
			process["oomScoreAdj"] = ownScore
		}
	}
	changed, err := json.Marshal(config)
	if err != nil {
		return err
	}
	return os.WriteFile(path, changed, 0o644)
}
