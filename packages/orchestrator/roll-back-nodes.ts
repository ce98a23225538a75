/** Returns nodes to their earlier release, as a user asks for it, and verifies them there. */
import { exitCodes, KataError } from '@kata/core';
import { type FleetNode, listFleetNodes } from '@kata/kube/fleet';
import { readStatus, selectsNode, versionOf } from '@kata/node';
import { defaultPolicy, readClaim, type Return, returnsTo } from '@kata/rollout';
import { awaitObserved } from './await-observed.ts';
import type { FleetContext } from './context.ts';
import type { FleetWatch } from './fleet-watch.ts';
import type { HelmOptions } from './helm/index.ts';
import { guardWrites } from './guard-writes.ts';
import { holdLease } from './hold-lease.ts';
import type { KeptLease } from './keep-lease.ts';
import { findNodes } from './named-nodes.ts';
import { verificationFor } from './named-verification.ts';
import { unfinished } from './open-run.ts';
import { requireDaemonSet } from './plan-upgrade.ts';
import { type HelmReturn, returnHelm, returnPayload } from './return-helm.ts';
import { runId } from './run-id.ts';
import { findOpenRun, listRuns } from './list-runs.ts';
import { createRun, isPast, moveRun, type RunPlan, type RunRecord } from './run-record.ts';
import { type Outcome, RunStages } from './run-stages.ts';

export interface RollbackOrder {
  readonly nodes: readonly string[];
  /** Left out: that of the last run. */
  readonly verification: RunPlan['verification'] | undefined;
  readonly batchSize: number;
  readonly isForced: boolean;
  readonly helm: HelmOptions;
  /** Uid of a workflow, for its only step; left out: this process holds the Lease alone. */
  readonly workflow?: string | undefined;
}

export interface RollbackResult {
  /** Null: every node had been rolled back before. */
  readonly run: string | null;
  readonly outcome: Outcome;
  readonly nodes: readonly NodeRollback[];
  readonly helm: HelmReturn;
}

export interface NodeRollback {
  readonly node: string;
  readonly release: string | null;
  /** Of its claim; null for a node that had been rolled back before. */
  readonly phase: string | null;
  readonly message: string;
}

export async function rollBackNodes(unguarded: FleetContext, order: RollbackOrder): Promise<RollbackResult> {
  await using lease = await holdLease(unguarded, order);
  const context = guardWrites(unguarded, lease);
  lease.releaseAtEnd(true);
  const record = await openRollback(context, order);
  let outcome: Outcome = 'succeeded';
  if (record !== undefined) {
    outcome = await driveRollback(context, order, { record, lease });
    context.emit()({ kind: 'run.ended', run: record.plan.id, outcome });
  }
  await lease.check();
  const helm = await returnHelm(context, order.helm);
  const nodes = findNodes(await listFleetNodes(context.api), order.nodes);
  return {
    run: record?.plan.id ?? null,
    outcome,
    helm,
    nodes: nodes.map((node) => resultOf(node, context, record?.plan.id)),
  };
}

async function driveRollback(
  context: FleetContext,
  { helm }: RollbackOrder,
  { record, lease }: { readonly record: RunRecord; readonly lease: KeptLease },
): Promise<Outcome> {
  const { id: run } = record.plan;
  const stages = new RunStages(context, record, lease);
  await stages.manage();
  await using watch = stages.openWatch();
  const driver = stages.openDriver(watch);
  let end = await driver.drive(isPast(record, 'restored'));
  if (end.kind === 'roll-back-helm') {
    // A node cannot use the earlier release of its store, so that it needs the payload.
    await lease.check();
    await returnPayload(context, helm, (await listRuns(context)).runs, versionsLacked(watch, run));
    await awaitObserved(context);
    await moveRun(context, run, 'restored');
    end = await driver.drive(true);
  }
  if (end.kind !== 'end') throw new TypeError('a run needs Helm twice');
  await stages.end(end.outcome, watch);
  return end.outcome;
}

/** By the nodes of the run that are on their way back. */
function versionsLacked(watch: FleetWatch, run: string): ReadonlySet<string> {
  const claims = watch.nodes.flatMap((node) => readClaim(node) ?? []);
  const lacking = claims.filter((claim) => claim.run === run && claim.phase === 'rolling-back');
  return new Set(lacking.flatMap(({ before }) => (before.release === null ? [] : versionOf(before.release))));
}

/** Undefined when every node has been rolled back already. */
async function openRollback(context: FleetContext, order: RollbackOrder): Promise<RunRecord | undefined> {
  const open = await findOpenRun(context);
  if (open !== undefined && !isSame(open, order)) throw unfinished(context, open);
  const record = open ?? (await planRollback(context, order));
  if (record === undefined) return undefined;
  const { id: run, nodes } = record.plan;
  const names = nodes.map(({ name }) => name);
  context.emit()({ kind: 'run.started', run, nodes: names, isResumed: open !== undefined });
  return record;
}

function isSame({ plan }: RunRecord, { nodes }: RollbackOrder): boolean {
  const planned = new Set(plan.nodes.map(({ name }) => name));
  return plan.intent === 'roll-back' && nodes.every((name) => planned.has(name));
}

async function planRollback(context: FleetContext, order: RollbackOrder): Promise<RunRecord | undefined> {
  const { installation, clock, api } = context;
  const daemonSet = await requireDaemonSet(context);
  const named = findNodes(await listFleetNodes(api), order.nodes);
  const nodes = named.filter((node) => returnOf(node, context).kind !== 'done');
  if (nodes.length === 0) return undefined;
  for (const node of nodes) {
    if (!selectsNode(daemonSet.selection, node)) {
      throw refused(node, "the installer's DaemonSet does not select it", 'label it for the DaemonSet');
    }
    if (!node.isReady) throw refused(node, 'it is NotReady', `see kubectl describe node ${node.name}`);
    if (returnOf(node, context).kind === 'none') {
      throw refused(node, 'it has no earlier release', 'upgrade it to the version that it should have');
    }
  }
  const created = clock.now().toISOString();
  return await createRun(context, {
    id: runId(created),
    intent: 'roll-back',
    created,
    release: installation.release,
    daemonSet: installation.daemonSet,
    suffix: installation.suffix,
    podLabels: daemonSet.matchLabels,
    nodes: nodes.map(({ name, uid }) => ({ name, uid })),
    policy: { ...defaultPolicy, batchSize: order.batchSize },
    verification: await verificationFor(context, order.verification),
    helm: null,
  });
}

function returnOf(node: FleetNode, { installation }: FleetContext): Return {
  const { suffix } = installation;
  return returnsTo({ claim: readClaim(node), status: readStatus(node, suffix) }, suffix);
}

function refused({ name }: FleetNode, problem: string, hint: string): KataError {
  return new KataError('KATA_LIFECYCLE_NO_ROLLBACK', `node "${name}" cannot be rolled back: ${problem}`, {
    exitCode: exitCodes.precondition,
    hint: `no node was changed; ${hint}`,
  });
}

function resultOf(node: FleetNode, context: FleetContext, run: string | undefined): NodeRollback {
  const claim = readClaim(node);
  const release = readStatus(node, context.installation.suffix)?.current ?? null;
  if (claim === undefined || claim.run !== run) {
    const by = claim?.phase === 'rolled-back' ? `, since run ${claim.run}` : '';
    const message = `is on ${release ?? 'no release'} already${by}; nothing was changed`;
    return { node: node.name, release, phase: null, message };
  }
  return { node: node.name, release, phase: claim.phase, message: describe(claim, release) };
}

function describe(claim: NonNullable<ReturnType<typeof readClaim>>, release: string | null): string {
  const { phase, failure, failureBefore } = claim;
  if (phase !== 'rolled-back') return `${phase}: ${failure?.message ?? 'see kata-lifecycle why'}`;
  const verdict =
    failureBefore === null ? 'your pod passes there' : `your pod fails there: ${failureBefore.message}`;
  return `is back on ${release ?? 'no release'}; ${verdict}`;
}

export function formatRollback({ run, outcome, nodes, helm }: RollbackResult): string {
  const head = run === null ? [] : [`run ${run}: ${outcome}`];
  return [...head, ...nodes.map(({ node, message }) => `${node} ${message}`), ...describeHelm(helm)].join(
    '\n',
  );
}

function describeHelm(helm: HelmReturn): readonly string[] {
  switch (helm.kind) {
    case 'stays':
      return [];
    case 'returned':
      return [
        `no node has the newer release any more: the Helm release is at ${helm.version} (revision ${helm.revision})`,
      ];
    case 'changed':
      return [
        `no node has the newer release any more, but the Helm release is at ${helm.version}, which no run has installed: it was not changed`,
      ];
  }
}
