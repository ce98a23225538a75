// SPDX-License-Identifier: Apache-2.0

package config

import (
	"errors"
	"fmt"
	"io/fs"
)

// absence describes why a file cannot be used; the caller prefixes the file's role.
func absence(path string, err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("does not exist: %s", path)
	}
	return fmt.Errorf("cannot be used: %s: %w", path, err)
}
