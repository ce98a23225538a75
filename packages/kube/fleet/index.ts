/**
 * Further requests of an orchestrator: watches, Leases, evictions, pods. They take `Cluster.api` with its signal and clock
 * (`api.with` for others). The installer loads none of it.
 */
export { patchObject } from '../patch-object.ts';
export * from './create-pod.ts';
export * from './evict-pod.ts';
export * from './lease.ts';
export * from './pods.ts';
export * from './watch-nodes.ts';
export * from './watch-objects.ts';
export * from './watch-pods.ts';
