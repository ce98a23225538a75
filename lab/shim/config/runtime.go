// SPDX-License-Identifier: Apache-2.0

package config

// Runtime is one of Kata's two. Their loaders differ in what they read and what they refuse.
type Runtime string

const (
	Go   Runtime = "go"
	Rust Runtime = "rust"
)
