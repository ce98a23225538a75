export * from './helper-program.ts';
export * from './installer-image.ts';
export * from './pack-payload.ts';
export * from './program-bundle.ts';
