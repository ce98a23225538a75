/** Before what cannot be taken back the sandboxes are looked at once more: pods come and go while we work. Pure. */
import type { Handler } from '@kata/kata';
import type { Action } from '../state/actions.ts';
import type { OwnershipRecord } from '../state/record.ts';
import type { Goal } from '../state/journal.ts';
import { sandboxesOf } from '../facts/release-needs.ts';
import type { RunningSandbox, SandboxView } from '../facts/sandboxes.ts';

/** `skip`: a later run does it. `stop`: everything is put back, for the plan does not hold any more. */
export type Verdict = 'go on' | 'skip' | 'stop';

export interface Recheck {
  readonly command: Goal['command'];
  /** What was done in this run before. */
  readonly done: readonly Action[];
  /** Names of the sandboxes that the plan was made for. */
  readonly planned: readonly string[];
  /** Handlers that the engine was told of, and those that it shall serve in the end. */
  readonly before: readonly Handler[];
  readonly after: readonly Handler[];
  readonly record: OwnershipRecord;
  readonly bootId: string;
  /** See `NodeFacts`. */
  readonly named: ReadonlySet<string>;
}

/** What no sandbox can be harmed by needs no look. */
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
export function judgeAction(action: Action | undefined, view: SandboxView, look: Recheck): Verdict {
  if (mustStop(view.running, look)) return 'stop';
  // Of a removal that went too far to be put back, the rest helps nobody.
  if (look.command === 'remove' || action === undefined) return 'go on';
  if (action.kind === 'link.remove') return view.running.length === 0 ? 'go on' : 'skip';
  if (action.kind !== 'release.remove') return 'go on';
  const { record, bootId, named } = look;
  return sandboxesOf(action.release, { record, bootId, named, sandboxView: view }).length === 0
    ? 'go on'
    : 'skip';
}

function mustStop(running: readonly RunningSandbox[], look: Recheck): boolean {
  const { command, done, planned, before, after } = look;
  if (command === 'prune' || done.some(({ kind }) => lastKinds.includes(kind))) return false;
  const kept = new Set(after.map(({ name }) => name));
  const dropped = new Set(before.map(({ name }) => name).filter((name) => !kept.has(name)));
  if (dropped.size === 0) return false;
  return running.some(
    ({ id, handler }) => !planned.includes(id) && (handler === undefined || dropped.has(handler)),
  );
}

/** What cannot be put back. */
const lastKinds: readonly Action['kind'][] = ['release.remove', 'former.remove', 'installation.remove'];
