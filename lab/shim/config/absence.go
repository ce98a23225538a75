// SPDX-License-Identifier: Apache-2.0

package config

import (
	"errors"
	"fmt"
	"io/fs"
)

// absence says in plain words why a file cannot be used, to be put behind the name of its role.
func absence(path string, err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("does not exist: %s", path)
	}
	return fmt.Errorf("cannot be used: %s: %w", path, err)
}
