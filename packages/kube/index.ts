export * from './cluster.ts';
export * from './json-patch.ts';
