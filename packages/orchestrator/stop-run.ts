/** Asks a run to start no further node; one that no process has, and that has left no node half done, is ended. */
import { KataError } from '@kata/core';
import { hasEnded, phases, readClaim } from '@kata/rollout';
import { lifecycleCommand, resumeCommand } from './command-text.ts';
import type { FleetContext } from './context.ts';
import { type FleetFacts, readFleetFacts } from './fleet-facts.ts';
import { guardWrites } from './guard-writes.ts';
import { holdLease } from './hold-lease.ts';
import { findOpenRun } from './list-runs.ts';
import { moveRun, readRun, requestStop, type RunRecord } from './run-record.ts';
import { situationOf } from './run-situation.ts';

export interface StopResult {
  readonly run: string | null;
  /** `unfinished`: it goes on only when somebody resumes it. */
  readonly kind: 'none' | 'ended-before' | 'stopping' | 'stopped' | 'unfinished';
  /** Nodes that are finished first. */
  readonly nodes: readonly string[];
  readonly message: string;
  readonly next: string | null;
}

/** `id`: left out, the run that has not ended. */
export async function stopRun(context: FleetContext, id: string | undefined): Promise<StopResult> {
  const record = id === undefined ? await findOpenRun(context) : await readRun(context, id);
  if (record === undefined) {
    return { run: null, kind: 'none', nodes: [], message: 'every run has ended', next: null };
  }
  const { id: run } = record.plan;
  if (record.state.stage === 'ended') {
    const message = `run ${run} has ended already: ${record.state.outcome ?? 'without an outcome'}`;
    return { run, kind: 'ended-before', nodes: [], message, next: null };
  }
  await requestStop(context, run);
  const facts = await readFleetFacts(context);
  if (situationOf(record, facts) === 'running') return stopping(context, record, facts);
  return await endInterrupted(context, record);
}

function stopping({ installation }: FleetContext, { plan }: RunRecord, facts: FleetFacts): StopResult {
  const { active } = claimsOf(plan.id, facts);
  const first = active.length === 0 ? 'it ends now' : `it finishes these first: ${active.join(', ')}`;
  return {
    run: plan.id,
    kind: 'stopping',
    nodes: active,
    message: `run ${plan.id} starts no further node; ${first}`,
    next: lifecycleCommand(installation, 'status', '--watch'),
  };
}

/** With the Lease, so that nobody resumes it meanwhile. */
async function endInterrupted(context: FleetContext, record: RunRecord): Promise<StopResult> {
  const { plan } = record;
  const { id: run } = plan;
  try {
    await using lease = await holdLease(context, { isForced: false });
    const { active, failed } = claimsOf(run, await readFleetFacts(context));
    const left = [...active, ...failed];
    if (left.length > 0) {
      const message = `no process has run ${run}, and it is not finished on: ${left.join(', ')}; resumed, it starts no further node`;
      return {
        run,
        kind: 'unfinished',
        nodes: left,
        message,
        next: resumeCommand(context.installation, plan),
      };
    }
    await moveRun(guardWrites(context, lease), run, 'ended', 'stopped');
  } catch (error) {
    if (!(error instanceof KataError) || error.code !== 'KATA_LIFECYCLE_RUNNING') throw error;
    return stopping(context, record, await readFleetFacts(context));
  }
  const message = `run ${run} has ended: no process had it, and no node was in progress`;
  return { run, kind: 'stopped', nodes: [], message, next: null };
}

/** `failed`: after a failure, the run has yet to decide about Helm. */
function claimsOf(
  run: string,
  { nodes }: FleetFacts,
): { readonly active: readonly string[]; readonly failed: readonly string[] } {
  const claims = nodes.flatMap((node) => {
    const claim = readClaim(node);
    return claim?.run === run ? [{ text: `${node.name} (${phases[claim.phase].word})`, claim }] : [];
  });
  const active = claims.filter(({ claim }) => !hasEnded(claim.phase));
  const failed = claims.filter(({ claim }) => hasEnded(claim.phase) && claim.phase !== 'completed');
  return { active: active.map(({ text }) => text), failed: failed.map(({ text }) => text) };
}
