/** Plans the removal of an installation from its ownership record. Pure. */
import { KataError } from '@kata/core';
import type { HostPath } from '@kata/host';
import { planRemovalOfUpstream, unitNotes } from './plan-adoption.ts';
import type { Action, Plan } from '../state/actions.ts';
import { planEdits } from '../engine/plan-edits.ts';
import type { NodeFacts } from '../facts/facts.ts';
import { interruptionNotes } from './plan-install.ts';
import { editAction, notLoaded } from './plan-switch.ts';
import { emptyRecord } from '../state/record.ts';
import { namePods, sandboxNotes } from '../facts/sandboxes.ts';

export interface RemovalPlan extends Plan {
  /** Ids of sandboxes that must end before anything is removed. */
  readonly waitingFor: readonly string[];
  /** What the removal does once they have ended. */
  readonly later: readonly Action[];
  /** Why nothing can be removed now; undefined when the removal can run. */
  readonly blocked?: string;
}

const unresponsive: readonly string[] = ['KATA_ENGINE_SILENT', 'KATA_HOST_CRI'];

/** Whether the engine does not answer; otherwise its files cannot be parsed. */
export function isUnresponsive({ code }: KataError): boolean {
  return unresponsive.includes(code);
}

export function planRemoval(prefix: HostPath, facts: NodeFacts): RemovalPlan {
  const { record, sandboxes, sandboxView } = facts;
  const nothing = { actions: [], waitingFor: [], later: [], onFailure: 'finish later' } as const;
  if (record === undefined) return { ...nothing, notes: [absenceNote(facts)] };
  const ofSandboxes = sandboxNotes(sandboxView);
  const { problem } = facts.engine;
  if (problem !== undefined && !isUnresponsive(problem)) throw problem;
  if (sandboxes.length > 0) {
    const pending = `cleanup pending: ${sandboxes.length} Kata pods are still running (${namePods(sandboxView.running)}); files and handlers stay for them`;
    const { later, notes } = problem === undefined ? planLater(prefix, facts) : { later: [], notes: [] };
    return { ...nothing, notes: [pending, ...ofSandboxes, ...notes], waitingFor: sandboxes, later };
  }
  if (problem !== undefined) {
    const blocked = `cleanup pending: ${problem.message}, so it is unknown whether Kata pods are running; nothing was removed`;
    return { ...nothing, notes: [blocked, ...(problem.hint === undefined ? [] : [problem.hint])], blocked };
  }
  return {
    ...nothing,
    actions: removalActions(prefix, facts),
    notes: [
      ...interruptionNotes(facts),
      ...ofSandboxes,
      ...(facts.upstream === undefined ? [] : unitNotes(facts.upstream)),
    ],
  };
}

/** Replaces the list of actions of a plan that has none. */
export function describeNoAction(plan: Plan & Partial<RemovalPlan>): string {
  const { waitingFor = [], later = [], blocked } = plan;
  if (later.length > 0) {
    return 'Nothing is removed now. When the Kata pods have ended, a removal does this:';
  }
  return waitingFor.length > 0 || blocked !== undefined ? 'Nothing is removed now.' : 'Nothing to do.';
}

/** Only shown, so that a failure must not prevent that the removal waits. */
function planLater(prefix: HostPath, facts: NodeFacts): Pick<RemovalPlan, 'later' | 'notes'> {
  try {
    return { later: removalActions(prefix, facts), notes: [] };
  } catch (error) {
    if (!(error instanceof KataError)) throw error;
    return { later: [], notes: [`what is removed then is unknown: ${error.message}`] };
  }
}

function removalActions(prefix: HostPath, facts: NodeFacts): readonly Action[] {
  const edits = planEdits(facts.engine, [], facts.record ?? emptyRecord).map(editAction);
  const reasons = restartReasons(facts, edits);
  const links = [...facts.links]
    // `current` last: the other links lead through it.
    .toSorted(([a], [b]) => Number(a === 'current') - Number(b === 'current'))
    .flatMap(([name, info]): Action[] =>
      info.kind === 'link'
        ? [{ kind: 'link.remove', path: `${prefix}/${name}`, before: info.target ?? '' }]
        : [],
    );
  const releases = [...facts.releases.keys(), ...facts.damaged.keys()].map((id): Action => ({
    kind: 'release.remove',
    release: id,
  }));
  const restart: readonly Action[] =
    reasons.length === 0 ? [] : [{ kind: 'engine.restart', unit: facts.engine.unit, reasons }];
  return [
    ...edits,
    ...links,
    ...planRemovalOfUpstream(prefix, facts),
    ...releases,
    // Just before our own state: the restart may end this process, and the next run must find what is left.
    ...restart,
    { kind: 'installation.remove', path: prefix },
  ];
}

/** Reports handlers of another installer, so that nobody believes that they are removed. */
function absenceNote({ engine }: NodeFacts): string {
  if (engine.found.length === 0) return 'nothing is installed here';
  const names = engine.found.map(({ name }) => name).join(', ');
  return `kata-deploy has installed nothing here; another installer set up ${names}, which are not removed: to remove them, run "kata-deploy install", which adopts them, then "kata-deploy cleanup"`;
}

function restartReasons(facts: NodeFacts, edits: readonly Action[]): readonly string[] {
  const { engine, engineNote, record } = facts;
  if (edits.length > 0) return ['it must drop the handlers'];
  const served = engine.served ?? [];
  const ours = (record ?? emptyRecord).handlers.filter((handler) => served.includes(handler.name));
  if (ours.length > 0) return [`it still serves ${ours.map((handler) => handler.name).join(', ')}`];
  return engineNote === 'loaded' ? [] : [notLoaded];
}
