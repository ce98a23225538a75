/** Plans the removal of an installation from its ownership record. Pure. */
import type { KataError } from '@kata/core';
import type { HostPath } from '@kata/host';
import { planRemovalOfUpstream, unitNotes } from './plan-adoption.ts';
import type { Action, Plan } from '../state/actions.ts';
import { planEdits } from '../engine/plan-edits.ts';
import type { NodeFacts } from '../facts/facts.ts';
import { interruptionNotes } from './plan-install.ts';
import { editAction, notLoaded } from './plan-switch.ts';
import { emptyRecord } from '../state/record.ts';
import { sandboxNotes } from '../facts/sandboxes.ts';

export interface RemovalPlan extends Plan {
  /** Ids of sandboxes that must end before anything is removed. */
  readonly waitingFor: readonly string[];
  /** Why nothing can be removed now; undefined when the removal can run. */
  readonly blocked?: string;
}

const unresponsive: readonly string[] = ['KATA_ENGINE_SILENT', 'KATA_HOST_CRI'];

/** Whether the engine does not answer; otherwise its files cannot be parsed. */
export function isUnresponsive({ code }: KataError): boolean {
  return unresponsive.includes(code);
}

export function planRemoval(prefix: HostPath, facts: NodeFacts): RemovalPlan {
  const { record } = facts;
  const nothing = { actions: [], waitingFor: [], onFailure: 'finish later' } as const;
  if (record === undefined) return { ...nothing, notes: [absenceNote(facts)] };
  const ofSandboxes = sandboxNotes(facts.sandboxView);
  const { problem } = facts.engine;
  if (problem !== undefined && !isUnresponsive(problem)) throw problem;
  if (facts.sandboxes.length > 0) {
    return {
      ...nothing,
      notes: [
        `cleanup pending: ${facts.sandboxes.length} Kata pods are still running; files and handlers stay for them`,
        ...ofSandboxes,
      ],
      waitingFor: facts.sandboxes,
    };
  }
  if (problem !== undefined) {
    const blocked = `cleanup pending: ${problem.message}, so it is unknown whether Kata pods are running; nothing was removed`;
    return { ...nothing, notes: [blocked, ...(problem.hint === undefined ? [] : [problem.hint])], blocked };
  }
  const edits = planEdits(facts.engine, [], record).map(editAction);
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
  return {
    actions: [
      ...edits,
      ...links,
      ...planRemovalOfUpstream(prefix, facts),
      ...releases,
      // Just before our own state: the restart may end this process, and the next run must find what is left.
      ...restart,
      { kind: 'installation.remove', path: prefix },
    ],
    notes: [
      ...interruptionNotes(facts),
      ...ofSandboxes,
      ...(facts.upstream === undefined ? [] : unitNotes(facts.upstream)),
    ],
    waitingFor: [],
    onFailure: 'finish later',
  };
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
