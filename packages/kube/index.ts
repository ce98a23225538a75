/**
 * The Kubernetes API, as this repository uses it. Requests have deadlines, bounded retries, a signal and a clock; who asks
 * says so once (`Client`), with the hints of all errors. Two things are not to be touched lightly: patches test what they
 * change and are never made from another object than the one that was read, and the official client is loaded for
 * KUBECONFIG alone, for it takes long.
 */
export * from './apply-until-stable.ts';
export * from './client.ts';
export * from './cluster.ts';
export type { ApiProblemCode } from './api-problem.ts';
export type { ApiLimits, ApiRequests, RequestTerms } from './api-requests.ts';
export type { EventOptions } from './event-object.ts';
export type { MetadataChanges, TaintPattern } from './json-patch.ts';
export * from './list-pods.ts';
export type * from './objects.ts';
export type { PatchTest } from './patch-object.ts';
export type * from './pod-object.ts';
