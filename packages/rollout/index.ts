/**
 * Upgrades of a fleet as pure functions: what a run records on its nodes, and what to do next on each. No input or output,
 * no clock, so that a cluster can be simulated. Change phases and claim with care: an older process may have written them.
 */
export * from './claim.ts';
export * from './cordon.ts';
export { imageProblem } from './delay-cause.ts';
export * from './foresee-node.ts';
export * from './next-node.ts';
export * from './next.ts';
export * from './node-step.ts';
export * from './node-view.ts';
export * from './phase.ts';
export * from './policy.ts';
export type { FailureWord } from './failure.ts';
export * from './label-selector.ts';
export { parseVerificationPod, type VerificationPod } from './parse-verification-pod.ts';
export type { PodEvent, SeenPod } from './seen-pod.ts';
export * from './returns-to.ts';
export * from './select-nodes.ts';
export * from './verdict.ts';
export * from './verification-pod-name.ts';
export * from './verification-pod.ts';
export { isVerified, offerOf } from './start.ts';
export { liftable } from './taints.ts';
export * from './tolerations.ts';
export * from './waves.ts';
