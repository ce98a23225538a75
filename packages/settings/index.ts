/**
 * The desired configuration: one model of fields, from which flags, variables, the file, the chart values and the
 * reference pages are generated, and one function that resolves them to settings or reports all problems. It may import the
 * tables of `kata`, TOML and YAML; it reads neither a machine nor the environment, the caller passes the sources. Change with
 * care: names and defaults, which are upstream's, and the order of the sources; another default creates another release on
 * every node.
 */
export { kinds, type ShimAnnotations, type ShimValue, type Taint } from './kinds.ts';
export { type SettingsSources } from './read-fields.ts';
export { type ReadFile } from './read-text.ts';
export * from './resolve-settings.ts';
export * from './settings.ts';
