/**
 * Drives a run over a real cluster: watches it, lets `@kata/rollout` decide, and writes one patch for each step. All that must
 * survive is in the cluster. Keep: the Lease is checked before each change, and a patch applies only to what was seen.
 */
export * from './context.ts';
export * from './events.ts';
export * from './find-installation.ts';
export * from './explain-node.ts';
export * from './fleet-facts.ts';
export * from './fleet-nodes.ts';
export * from './fleet-status.ts';
export * from './helm/index.ts';
export * from './hold-lease.ts';
export * from './lifecycle-client.ts';
export * from './format-upgrade-plan.ts';
export * from './list-runs.ts';
export * from './manage-fleet.ts';
export * from './plan-order.ts';
export * from './preview-upgrade.ts';
export * from './read-pod-file.ts';
export * from './roll-back-nodes.ts';
export * from './run-history.ts';
export * from './run-parameters.ts';
export * from './run-record.ts';
export * from './run-reference.ts';
export * from './run-stages.ts';
export * from './run-steps.ts';
export * from './stop-run.ts';
export * from './upgrade-fleet.ts';
export * from './verify-nodes.ts';
export * from './watch-status.ts';
export * from './workflow-parameters.ts';
