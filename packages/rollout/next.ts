/** The next steps of a run over its nodes: a pure function of what is seen of them. */
import { nextNode } from './next-node.ts';
import type { NodeStep } from './node-step.ts';
import type { NodeView, Terms } from './node-view.ts';
import { hasEnded } from './phase.ts';

export interface RunTerms extends Omit<Terms, 'direction'> {
  /** `roll-back`: each node of the run returns to its earlier release, as a user asked. */
  readonly intent: 'upgrade' | 'roll-back';
  /** Somebody asked the run to start no further node. */
  readonly isStopped: boolean;
}

export interface RunStep {
  /** For different nodes; they can be done at the same time. */
  readonly nodes: readonly { readonly node: string; readonly step: NodeStep }[];
  /** Nodes that the run leaves alone: they are right already, or another run has them. */
  readonly leftAlone: readonly string[];
  readonly run: RunMove;
}

export type RunMove =
  | { readonly kind: 'continue' }
  /** Back to the revision that the release had at the start. */
  | { readonly kind: 'roll-back-helm' }
  | { readonly kind: 'end'; readonly outcome: 'succeeded' | 'stopped' | 'failed' };

/** `views`: the nodes of the run, in the order in which they are upgraded. */
export function next(views: readonly NodeView[], runTerms: RunTerms): RunStep {
  const { run, intent, policy, isStopped, isPayloadBack } = runTerms;
  const hasFailed = hasFailedNode(views, runTerms);
  const isBack = intent === 'roll-back' || (hasFailed && policy.rollbackScope === 'run');
  const terms: Terms = { ...runTerms, direction: isBack ? 'back' : 'forward' };
  const [begun, others] = partition(views, ({ claim }) => claim?.run === run && !hasEnded(claim.phase));
  const active = begun.map((view) => stepOf(view, terms));
  // Once a node has failed, further nodes are started only to go back.
  const isOpen = (view: NodeView): boolean => view.claim?.run === run || !(hasFailed || isStopped);
  const [fresh, idle] = partition(
    others.filter(isOpen).map((view) => stepOf(view, terms)),
    ({ step }) => step.kind !== 'end' && step.kind !== 'taken',
  );
  // The others only remove a pod from a node that is at its end.
  const [startable, cleared] = partition(fresh, ({ step }) => step.kind === 'write');
  const started = startable.slice(0, Math.max(0, policy.batchSize - active.length));
  const leftAlone = idle.map(({ node }) => node);
  // These wait for the release of Helm, which is rolled back when no other node is being changed.
  const nodes = [...active.filter(({ step }) => step.kind !== 'need-payload'), ...cleared, ...started];
  if (nodes.length > 0) return { nodes, leftAlone, run: { kind: 'continue' } };
  const needsPayload = active.some(({ step }) => step.kind === 'need-payload');
  const mayNeedHelm = needsPayload || (hasFailed && intent === 'upgrade');
  if (mayNeedHelm && !isPayloadBack) return { nodes, leftAlone, run: { kind: 'roll-back-helm' } };
  const outcome = hasFailed ? 'failed' : isStopped ? 'stopped' : 'succeeded';
  return { nodes, leftAlone, run: { kind: 'end', outcome } };
}

function partition<T>(
  all: readonly T[],
  isFirst: (one: T) => boolean,
): readonly [readonly T[], readonly T[]] {
  return [all.filter(isFirst), all.filter((one) => !isFirst(one))];
}

function stepOf(view: NodeView, terms: Terms): RunStep['nodes'][number] {
  return { node: view.name, step: nextNode(view, terms) };
}

/** A node of this run has failed: no other is started. */
export function hasFailedNode(views: readonly NodeView[], run: Pick<RunTerms, 'run' | 'intent'>): boolean {
  return views.some((view) => isFailed(view, run));
}

/** Of an upgrade: it is going back, or has ended otherwise than it should. */
function isFailed({ claim }: NodeView, { run, intent }: Pick<RunTerms, 'run' | 'intent'>): boolean {
  if (claim?.run !== run) return false;
  if (intent === 'roll-back') return claim.phase === 'failed' || claim.failureBefore !== null;
  if (hasEnded(claim.phase)) return claim.phase !== 'completed';
  return claim.phase === 'rolling-back' || claim.phase === 'rechecking';
}
