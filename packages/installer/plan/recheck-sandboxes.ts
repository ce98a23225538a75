/** Decides before each irreversible step, by the sandboxes that are running now: pods start and end during a run. Pure. */
import type { Handler } from '@kata/kata';
import type { Action } from '../state/actions.ts';
import type { OwnershipRecord } from '../state/record.ts';
import type { Goal } from '../state/journal.ts';
import { sandboxesOf } from '../facts/release-needs.ts';
import type { RunningSandbox, SandboxView } from '../facts/sandboxes.ts';

/** `skip`: a later run does it. `stop`: the run is rolled back, because the plan is outdated. */
export type Verdict = 'continue' | 'skip' | 'stop';

export interface Recheck {
  readonly command: Goal['command'];
  /** Actions that this run has performed. */
  readonly done: readonly Action[];
  /** Names of the sandboxes that the plan was made for. */
  readonly planned: readonly string[];
  /** Handlers in the engine's configuration before the run, and those that it shall serve in the end. */
  readonly before: readonly Handler[];
  readonly after: readonly Handler[];
  readonly record: OwnershipRecord;
  readonly bootId: string;
  /** See `NodeFacts`. */
  readonly named: ReadonlySet<string>;
}

/** Whether the action may affect a running sandbox. */
export function needsRecheck(action: Action): boolean {
  switch (action.kind) {
    case 'release.write':
    case 'release.adopt':
      return false;
    case 'file.write':
    case 'file.remove':
      return action.area === 'engine';
    case 'link.set':
    case 'link.remove':
    case 'link.exchange':
    case 'former.remove':
    case 'engine.restart':
    case 'release.remove':
    case 'installation.remove':
      return true;
  }
}

/** `action`: undefined when all are done. */
export function judgeAction(action: Action | undefined, view: SandboxView, recheck: Recheck): Verdict {
  if (mustStop(view.running, recheck)) return 'stop';
  // A removal past the point of no return is finished: the rest is of no use to any pod.
  if (recheck.command === 'remove' || action === undefined) return 'continue';
  if (action.kind === 'link.remove') return view.running.length === 0 ? 'continue' : 'skip';
  if (action.kind !== 'release.remove') return 'continue';
  const { record, bootId, named } = recheck;
  return sandboxesOf(action.release, { record, bootId, named, sandboxView: view }).length === 0
    ? 'continue'
    : 'skip';
}

function mustStop(running: readonly RunningSandbox[], recheck: Recheck): boolean {
  const { command, done, planned, before, after } = recheck;
  if (command === 'prune' || done.some(({ kind }) => irreversibleKinds.includes(kind))) return false;
  const kept = new Set(after.map(({ name }) => name));
  const dropped = new Set(before.map(({ name }) => name).filter((name) => !kept.has(name)));
  if (dropped.size === 0) return false;
  return running.some(
    ({ id, handler }) => !planned.includes(id) && (handler === undefined || dropped.has(handler)),
  );
}

/** Actions that cannot be rolled back. */
const irreversibleKinds: readonly Action['kind'][] = [
  'release.remove',
  'former.remove',
  'installation.remove',
];
