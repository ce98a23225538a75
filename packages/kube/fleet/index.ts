/** What an orchestrator asks of the cluster beside its nodes; all of it takes `Cluster.api`. A start of the installer loads none of it. */
export * from './evict-pod.ts';
export * from './lease.ts';
export { createPod, deletePod, readPodLog, waitForPod } from './pods.ts';
export type { DeletePodOptions, LogOptions, PodWait } from './pods.ts';
export * from './watch-objects.ts';
