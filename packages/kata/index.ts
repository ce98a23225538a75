export { effectiveConfiguration } from './configuration/effective-configuration.ts';
export * from './configuration/generate-configuration.ts';
export * from './configuration/handlers.ts';
export {
  type ConfigurationEntry,
  loadConfiguration,
  type Refusal,
} from './configuration/loader/load-configuration.ts';
export * from './configuration/referenced-files.ts';
export * from './default-shims.ts';
export * from './names.ts';
export * from './runtime-classes.ts';
export * from './shim-options.ts';
export * from './shims.ts';
