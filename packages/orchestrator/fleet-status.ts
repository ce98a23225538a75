/** What every node of the installation has, what the last run did on it, and what to do next. */
import { approvedRelease, readStatus } from '@kata/node';
import type { FleetNode } from '@kata/kube/fleet';
import { formatTable } from '@kata/report';
import { isCordonedByRun, phases, readClaim } from '@kata/rollout';
import { adviseNode } from './advise-node.ts';
import type { FleetContext } from './context.ts';
import { type FleetFacts, nodesOf, readFleetFacts } from './fleet-facts.ts';
import { describeUnreadable, type RecordedRuns } from './list-runs.ts';
import { type RunSituation, situationOf } from './run-situation.ts';

export interface FleetStatus {
  readonly isManaged: boolean;
  readonly lastRun: {
    readonly id: string;
    readonly stage: string;
    readonly outcome: string | null;
    readonly situation: RunSituation;
    readonly isStopRequested: boolean;
  } | null;
  readonly nodes: readonly FleetNodeStatus[];
  readonly unreadable: RecordedRuns['unreadable'];
}

export interface FleetNodeStatus {
  readonly node: string;
  /** As the installer reports it. */
  readonly installed: string | null;
  readonly installerPhase: string | null;
  readonly offered: string | null;
  readonly approved: string | null;
  /** Phase of the last run on it. */
  readonly phase: string | null;
  readonly run: string | null;
  readonly isReady: boolean;
  readonly isCordoned: boolean;
  /** Null when it is not cordoned. */
  readonly cordonedBy: 'run' | 'administrator' | null;
  readonly why: string | null;
  /** The next command to type. */
  readonly next: string | null;
}

export async function readFleetStatus(context: FleetContext): Promise<FleetStatus> {
  return fleetStatusOf(await readFleetFacts(context));
}

export function fleetStatusOf(facts: FleetFacts): FleetStatus {
  const last = facts.runs.at(-1);
  return {
    isManaged: facts.isManaged,
    lastRun:
      last === undefined
        ? null
        : {
            id: last.plan.id,
            stage: last.state.stage,
            outcome: last.state.outcome ?? null,
            situation: situationOf(last, facts),
            isStopRequested: last.state.isStopRequested,
          },
    nodes: nodesOf(facts).map((node) => nodeStatusOf(node, facts)),
    unreadable: facts.unreadable,
  };
}

export function nodeStatusOf(node: FleetNode, facts: FleetFacts): FleetNodeStatus {
  const { installation, runs } = facts;
  const status = readStatus(node, installation.suffix);
  const approved = approvedRelease(node, installation.suffix);
  const found = readClaim(node);
  const claim = found?.installation === installation.suffix ? found : undefined;
  const record = runs.find(({ plan }) => plan.id === claim?.run);
  const isOurs = isCordonedByRun(node, claim);
  const seen = { node, installation, status, approved, claim, isCordonedByRun: isOurs };
  return {
    node: node.name,
    installed: status?.current ?? null,
    installerPhase: status?.phase ?? null,
    offered: status?.offered ?? null,
    approved: approved ?? null,
    phase: claim === undefined ? null : phases[claim.phase].word,
    run: claim?.run ?? null,
    isReady: node.isReady,
    isCordoned: node.isCordoned,
    cordonedBy: !node.isCordoned ? null : isOurs ? 'run' : 'administrator',
    ...adviseNode({ ...seen, record, situation: situationOf(record, facts) }),
  };
}

export function formatFleetStatus(
  { lastRun, nodes, isManaged: managed, unreadable }: FleetStatus,
  context: Pick<FleetContext, 'installation'>,
): string {
  const head = ['NODE', 'INSTALLED', 'INSTALLER', 'RUN', 'SCHEDULING'];
  const rows = nodes.map((one) => [
    one.node,
    one.installed ?? '-',
    one.installerPhase ?? '-',
    one.phase ?? '-',
    [one.isReady ? '' : 'NotReady', cordonText(one)].filter((part) => part !== '').join(', '),
  ]);
  const notes = [
    ...nodes.flatMap(({ node, why, next }) => [
      ...(why === null ? [] : [`${node}: ${why}`]),
      ...(next === null ? [] : [`  next: ${next}`]),
    ]),
    ...describeUnreadable(unreadable, context),
  ];
  return [
    `${managed ? 'managed' : 'not managed'}; ${describeRun(lastRun)}`,
    formatTable([head, ...rows]),
    ...(notes.length === 0 ? [] : [notes.join('\n')]),
  ].join('\n\n');
}

export function cordonText({ cordonedBy }: Pick<FleetNodeStatus, 'cordonedBy'>): string {
  if (cordonedBy === null) return '';
  return cordonedBy === 'run' ? 'cordoned by the run' : 'cordoned by an administrator';
}

function describeRun(run: FleetStatus['lastRun']): string {
  if (run === null) return 'no run yet';
  const { id, outcome, stage, situation, isStopRequested } = run;
  if (situation === 'ended') return `run ${id}: ${outcome ?? 'ended'}`;
  const stopping = isStopRequested ? ', a stop is requested' : '';
  const state = situation === 'running' ? 'in progress' : 'interrupted, no process has it';
  return `run ${id}: ${state} (stage: ${stage})${stopping}`;
}
