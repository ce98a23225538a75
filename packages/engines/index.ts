export * from './query-loader.ts';
export * from './containerd/index.ts';
export * from './contract.ts';
export * from './detect-engine.ts';
export * from './engine-of.ts';
export * from './locate-engine.ts';
