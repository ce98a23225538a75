/**
 * What an orchestrator asks of the cluster beside its nodes. All of it takes `Cluster.api`, whose signal and clock count
 * (`api.with` for another signal or other limits). A start of the installer loads none of it.
 */
export { patchObject } from '../patch-object.ts';
export * from './evict-pod.ts';
export * from './lease.ts';
export * from './pods.ts';
export * from './watch-nodes.ts';
export * from './watch-objects.ts';
export * from './watch-pods.ts';
