/** What the agent does on its machine alone. It loads no client of a cluster: `status` and the like are there at once. */
export { deployClient } from './deploy-client.ts';
export { formatStatus } from './format-status.ts';
export * from './installation-status.ts';
export * from './stages.ts';
export { underLock } from './under-lock.ts';
export { viewNode } from './view-node.ts';
