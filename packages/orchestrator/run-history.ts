/** The runs of an installation, as their records describe them. */
import { formatTable } from '@kata/report';
import type { FleetContext } from './context.ts';
import { type FleetFacts, readFleetFacts } from './fleet-facts.ts';
import { describeUnreadable, type RecordedRuns } from './list-runs.ts';
import type { RunRecord } from './run-record.ts';
import { type RunSituation, situationOf } from './run-situation.ts';

export interface RunSummary {
  readonly id: string;
  /** ISO 8601. */
  readonly created: string;
  readonly intent: RunRecord['plan']['intent'];
  /** Of an upgrade. */
  readonly version: string | null;
  /** Such as `upgrade to 3.25.0`. */
  readonly purpose: string;
  readonly nodes: readonly string[];
  readonly stage: string;
  readonly situation: RunSituation;
  readonly outcome: string | null;
  readonly isStopRequested: boolean;
}

export function summaryOf(record: RunRecord, facts: Pick<FleetFacts, 'holder' | 'now'>): RunSummary {
  const { plan, state } = record;
  const version = plan.helm?.version ?? null;
  return {
    id: plan.id,
    created: plan.created,
    intent: plan.intent,
    version,
    purpose: version === null ? 'rollback' : `upgrade to ${version}`,
    nodes: plan.nodes.map(({ name }) => name),
    stage: state.stage,
    situation: situationOf(record, facts),
    outcome: state.outcome ?? null,
    isStopRequested: state.isStopRequested,
  };
}

export interface RunHistory {
  /** Oldest first. */
  readonly runs: readonly RunSummary[];
  readonly unreadable: RecordedRuns['unreadable'];
}

export async function readRunHistory(context: FleetContext): Promise<RunHistory> {
  const facts = await readFleetFacts(context);
  const { unreadable } = facts;
  return { runs: facts.runs.map((record) => summaryOf(record, facts)), unreadable };
}

export function formatHistory(
  { runs, unreadable }: RunHistory,
  context: Pick<FleetContext, 'installation'>,
): string {
  const lines = describeUnreadable(unreadable, context);
  return [formatRuns(runs), ...(lines.length === 0 ? [] : [lines.join('\n')])].join('\n\n');
}

function formatRuns(runs: readonly RunSummary[]): string {
  if (runs.length === 0) return 'no run yet';
  const rows = runs.map(({ id, created, purpose, nodes, outcome, situation }) => [
    id,
    created,
    purpose,
    String(nodes.length),
    outcome ?? situation,
  ]);
  return formatTable([['RUN', 'STARTED', 'PURPOSE', 'NODES', 'OUTCOME'], ...rows]);
}
