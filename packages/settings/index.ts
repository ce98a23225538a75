/**
 * The desired configuration: one model of fields, from which flags, variables, the file, the chart values and the
 * reference pages are generated, and one function that resolves them or reports all problems. It reads neither a machine nor
 * the environment: the caller passes the sources. Change names, defaults and the order of sources with care: they are
 * upstream's, and another default creates another release on every node.
 */
export { kinds, type ShimAnnotations, type ShimValue, type Taint } from './kinds.ts';
export { type SettingsSources } from './read-fields.ts';
export { type ReadFile } from './read-text.ts';
export * from './resolve-settings.ts';
export * from './settings.ts';
