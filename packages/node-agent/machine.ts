/** What the agent does without the cluster. It loads no Kubernetes client, so that `status` and the like start fast. */
export { deployClient } from './deploy-client.ts';
export { formatStatus } from './format-status.ts';
export * from './installation-status.ts';
export * from './stages.ts';
export { tellEngineOfPod } from './tell-engine.ts';
export { underLock } from './under-lock.ts';
export { viewNode } from './view-node.ts';
