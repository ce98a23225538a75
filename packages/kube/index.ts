/**
 * A thin client of the Kubernetes API: deadlines, bounded retries, abort signals; hints come from the caller (`Client`).
 * Keep two properties: patches test what they change and are computed from the object that was read; the official client,
 * which is slow to load, is loaded only for KUBECONFIG.
 */
export * from './apply-until-stable.ts';
export * from './client.ts';
export * from './cluster.ts';
export type { ApiProblemCode } from './api-problem.ts';
export type { ApiLimits, ApiRequests, RequestTerms } from './api-requests.ts';
export { type EventOptions, longestEventNote } from './event-object.ts';
export type { MetadataChanges, TaintPattern } from './json-patch.ts';
export * from './list-pods.ts';
export type * from './objects.ts';
export type { PatchTest } from './patch-object.ts';
export type * from './pod-object.ts';
