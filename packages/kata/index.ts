export { expressionProblem } from './annotation-expression.ts';
export { effectiveConfiguration } from './configuration/effective-configuration.ts';
export * from './configuration/generate-configuration.ts';
export * from './configuration/handlers.ts';
export { wrongTypes } from './configuration/loader/check-keys.ts';
export {
  type ConfigurationEntry,
  loadConfiguration,
  type Refusal,
} from './configuration/loader/load-configuration.ts';
export * from './configuration/referenced-files.ts';
export { settingsWithoutEffect } from './configuration/without-effect.ts';
export * from './default-shims.ts';
export * from './handler.ts';
export * from './names.ts';
export * from './runtime-classes.ts';
export * from './shim-options.ts';
export * from './shims.ts';
