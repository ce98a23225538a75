export * from './configuration.ts';
export * from './default-shims.ts';
export * from './names.ts';
export * from './shim-options.ts';
export * from './shims.ts';
