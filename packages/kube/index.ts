export * from './apply-until-stable.ts';
export * from './cluster.ts';
export type { ApiLimits } from './api-requests.ts';
export type { EventOptions } from './event-object.ts';
export type { MetadataChanges, TaintPattern } from './json-patch.ts';
export type * from './objects.ts';
