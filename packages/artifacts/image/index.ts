export * from './helper-program.ts';
export { highestZstdLevel, imageEnvironment } from './base-layers.ts';
export * from './installer-image.ts';
export * from './lifecycle-image.ts';
export * from './pack-payload.ts';
export * from './program-bundle.ts';
