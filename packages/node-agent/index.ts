/**
 * What an installer does on its Node object: approval gate, claim, labels, status, drift, retained RBAC, removal.
 * Functions get what they need in `AgentContext` and report to its reporter; `machine.ts` loads no Kubernetes client.
 * The order of steps matters: labels are removed before files and added after the engine serves; decisions are made
 * under the lock; when the API server does not answer, nothing is removed.
 */
export type { AgentConfig, AgentContext, AgentReport } from './context.ts';
export { handleTermination, handleTerminationInCluster } from './handle-termination.ts';
export { reportRefusedSettings } from './install-failure.ts';
export { installUntilTerminated } from './install.ts';
export { removeFromNode } from './remove-node.ts';
export * from './reset.ts';
export { resume } from './resume.ts';
export { rollBack } from './rollback.ts';
export { runDrift } from './run-drift.ts';
