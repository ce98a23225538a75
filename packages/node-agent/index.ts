/**
 * What an installer does on its node object: it asks the gate, claims the node, serves, says how it is, looks for drift,
 * keeps its rights, and removes what nobody wants any more. Whatever stands below may be imported, and nothing of a
 * program: what a function needs comes in `AgentContext`, what it has to say goes to its reporter, and `machine.ts` loads
 * no client of a cluster. The order of things is not to be touched lightly: labels go down before files do, they come up
 * after the engine serves, what decides is asked under the lock, and whoever cannot ask removes nothing.
 */
export type { AgentConfig, AgentContext, AgentReport } from './context.ts';
export { decideAtEnd, decideUnlessAlone } from './end-of-pod.ts';
export { reportRefusedSettings } from './install-failure.ts';
export { installUnlessTold } from './install.ts';
export { removeFromNode } from './remove-node.ts';
export * from './reset.ts';
export { resume } from './resume.ts';
export { rollBack } from './rollback.ts';
export { runDrift } from './run-drift.ts';
