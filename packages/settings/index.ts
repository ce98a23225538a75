/**
 * What an administrator decides: one model of fields, from which flags, variables, the file, the chart's values and the
 * reference pages come, and one function that makes settings of them or says all that is wrong. It may import the tables
 * of `kata`, TOML and YAML, and reads neither a machine nor the environment: sources are given to it. Not to be
 * touched lightly: names and defaults, which are upstream's, and which of two sources wins; a default that changes makes
 * another release on every node.
 */
export { kinds, type ShimAnnotations, type ShimValue, type Taint } from './kinds.ts';
export { type SettingsSources } from './read-fields.ts';
export { type ReadFile } from './read-text.ts';
export * from './resolve-settings.ts';
export * from './settings.ts';
