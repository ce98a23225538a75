export * from './configuration.ts';
export * from './names.ts';
export * from './shims.ts';
