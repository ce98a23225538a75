// SPDX-License-Identifier: Apache-2.0

package config

// Runtime is one of Kata's two runtimes. Their loaders differ in what they read and refuse.
type Runtime string

const (
	Go   Runtime = "go"
	Rust Runtime = "rust"
)
