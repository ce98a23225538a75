// SPDX-License-Identifier: Apache-2.0

package config

import "maps"

// merge returns base with over merged into it: tables are merged, other values replaced.
// It changes neither tree.
func merge(base, over map[string]any) map[string]any {
	merged := maps.Clone(base)
	if merged == nil {
		merged = map[string]any{}
	}
	for key, value := range over {
		below, belowIsTable := merged[key].(map[string]any)
		table, isTable := value.(map[string]any)
		if belowIsTable && isTable {
			value = merge(below, table)
		}
		merged[key] = value
	}
	return merged
}
