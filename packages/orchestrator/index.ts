/** Drives an upgrade of a cluster, node by node. It emits events and prints nothing. */
export * from './helm/index.ts';
