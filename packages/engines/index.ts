export * from './containerd/index.ts';
export * from './contract.ts';
