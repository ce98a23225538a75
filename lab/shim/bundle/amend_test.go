// SPDX-License-Identifier: Apache-2.0

package bundle

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

func amended(t *testing.T, config string, ownScore int) map[string]any {
	t.Helper()
	directory := t.TempDir()
	path := filepath.Join(directory, "config.json")
	if err := os.WriteFile(path, []byte(config), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := Amend(directory, ownScore); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var result map[string]any
	if err := json.Unmarshal(content, &result); err != nil {
		t.Fatal(err)
	}
	return result
}

func TestAmend(t *testing.T) {
	const crio = `{"annotations":{"io.kubernetes.cri-o.SandboxID":"s1","kept":"yes"},"process":{"oomScoreAdj":-998,"cwd":"/"}}`
	for _, test := range []struct {
		name, config string
		score        int
		group        any
		wantedScore  any
	}{
		{"names the sandbox and raises the score", crio, -500, "s1", float64(-500)},
		{"keeps a score that the process may set", crio, -999, "s1", float64(-998)},
		{"leaves bundles of containerd alone", `{"annotations":{"io.kubernetes.cri.sandbox-id":"s1"},"process":{"oomScoreAdj":-998}}`, 0, nil, float64(-998)},
		{"leaves bundles without annotations alone", `{"process":{"oomScoreAdj":-998}}`, 0, nil, float64(-998)},
	} {
		t.Run(test.name, func(t *testing.T) {
			result := amended(t, test.config, test.score)
			annotations, _ := result["annotations"].(map[string]any)
			if annotations[group] != test.group {
				t.Errorf("group is %v, wanted %v", annotations[group], test.group)
			}
			if score := result["process"].(map[string]any)["oomScoreAdj"]; score != test.wantedScore {
				t.Errorf("score is %v, wanted %v", score, test.wantedScore)
			}
		})
	}
}
