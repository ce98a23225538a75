/**
 * The installation of Kata on one machine: facts are read as plain data, a plan is made from them, and it is applied with a
 * journal. `installation/` is the entry point; each room imports only rooms before it in this order: state, engine,
 * adoption, facts, plan, apply, verification. No code here depends on a cluster, a terminal or one kind of engine.
 */
export { describeNoAction, isUnresponsive, type RemovalPlan } from './plan/plan-removal.ts';
export { checkSnapshotters } from './plan/snapshotters.ts';
export type { InstallStage, RemovalStage } from './plan/stages.ts';
export { wantedHandlers } from './plan/wanted-files.ts';
export * from './apply/events.ts';
export type { Recovery } from './apply/recover.ts';
export type { EngineClient } from './engine/engine-client.ts';
export { EngineSession } from './engine/engine-session.ts';
export { planEdits, refuseHarm } from './engine/plan-edits.ts';
export { foreignChanges } from './engine/foreign-changes.ts';
export * from './facts/bound-pods.ts';
export type { NodeFacts } from './facts/facts.ts';
export type { ReleaseFacts } from './facts/release-facts.ts';
export { lostRecordNote } from './facts/rebuild-record.ts';
export * from './facts/release-usage.ts';
export * from './facts/sandboxes.ts';
export { writeWatchList } from './facts/watch-list.ts';
export * from './installation/check-machine.ts';
export type { InstallOptions } from './installation/install.ts';
export * from './installation/installation.ts';
export type { Installed } from './installation/installed.ts';
export type { FreedRelease } from './installation/releases-of-run.ts';
export type { Removal } from './installation/removal.ts';
export type { RollbackOptions } from './installation/rollback.ts';
export type { InstallationOptions } from './installation/site.ts';
export * from './state/actions.ts';
export * from './state/hold.ts';
export { readUnfinished } from './state/journal.ts';
export * from './state/record.ts';
export * from './state/record-classes.ts';
export {
  deleteUnknownDecision,
  recordUnknownDecision,
  readUnknownDecision,
  type UnknownDecision,
} from './state/unknown-decision.ts';
export { confirmServed } from './verification/confirm-served.ts';
export * from './verification/finding.ts';
export * from './verification/verify-installation.ts';
