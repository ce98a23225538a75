export { kinds, type ShimAnnotations, type ShimValue, type Taint } from './kinds.ts';
export { type SettingsSources } from './read-fields.ts';
export { type ReadFile } from './read-text.ts';
export * from './resolve-settings.ts';
export * from './settings.ts';
