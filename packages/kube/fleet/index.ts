/**
 * Further requests of an orchestrator: watches, Leases, evictions, pods. They take `Cluster.api` with its signal and clock
 * (`api.with` for others). The installer loads none of it.
 */
export { orUndefined } from '../api-failure.ts';
export { jsonPatchType, metadataPatch, type PatchOperation } from '../json-patch.ts';
export { patchObject, type PatchTest } from '../patch-object.ts';
export { type Amounts, sumOf } from './amounts.ts';
export * from './config-maps.ts';
export * from './check-pod.ts';
export * from './create-pod.ts';
export * from './daemon-set.ts';
export * from './evict-pod.ts';
export * from './fleet-node.ts';
export * from './lease.ts';
export * from './pod-events.ts';
export * from './read-lease.ts';
export * from './secrets.ts';
export * from './pods.ts';
export { type BoundPod, listBoundPods, type PodNeeds, podNeedsOf } from './pod-needs.ts';
export { formatQuantity } from './quantity.ts';
export * from './watch-nodes.ts';
export * from './watch-objects.ts';
export * from './watch-pods.ts';
