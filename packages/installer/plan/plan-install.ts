/**
 * Plans an installation or an upgrade. Pure: the same facts give the same plan, and applied facts give none.
 *
 * Room `plan`: from facts and the desired configuration to actions, and all refusals before the first change. It imports
 * `facts`, `state`, `engine` and `adoption`; files that say "pure" read and write nothing. A killed run leaves a prefix of
 * the actions: after every prefix the node must serve as before or as after the run.
 */
import { type Handler, settingsWithoutEffect } from '@kata/kata';
import { planAdoption } from './plan-adoption.ts';
import type { Action, Plan } from '../state/actions.ts';
import type { NodeFacts } from '../facts/facts.ts';
import { placedNotes } from './placed-notes.ts';
import { lostRecordNote } from '../facts/rebuild-record.ts';
import { planSwitch } from './plan-switch.ts';
import type { Settings } from '@kata/settings';
import { wantedHandlers } from './wanted-files.ts';
import type { WantedRelease } from './wanted-release.ts';

export function planInstall(settings: Settings, wanted: WantedRelease, facts: NodeFacts): Plan {
  const adoption = planAdoption(settings.prefix, facts);
  const notes = [
    ...interruptionNotes(facts),
    ...holdNotes(facts),
    ...settingsWithoutEffect({ ...settings, kubeletRoot: undefined }),
    ...placedNotes(settings.prefix, wanted, handlersToServe(settings, wanted)),
  ];
  if (adoption === undefined) {
    const actions = planRelease(settings, wanted, facts);
    return { actions, notes, onFailure: 'undo' };
  }
  const actions = [...adoption.first, ...planRelease(settings, wanted, adoption.facts), ...adoption.last];
  return { actions, notes: [...adoption.notes, ...notes], onFailure: 'undo' };
}

function holdNotes({ record }: Pick<NodeFacts, 'record'>): readonly string[] {
  const release = record?.hold?.release;
  if (release === undefined) return [];
  return [
    `an administrator holds this node on ${release}: an installation changes nothing until you run "kata-deploy resume"`,
  ];
}

/** Handlers that the engine shall serve. */
export function handlersToServe(
  settings: Settings,
  { retained }: Pick<WantedRelease, 'retained'>,
): readonly Handler[] {
  return [...wantedHandlers(settings), ...retained];
}

function planRelease(settings: Settings, wanted: WantedRelease, facts: NodeFacts): readonly Action[] {
  const release: Action[] = facts.releases.has(wanted.id) ? [] : [writeAction(wanted, facts)];
  const handlers = handlersToServe(settings, wanted);
  return [...release, ...planSwitch(settings.prefix, wanted, handlers, facts)];
}

function writeAction(wanted: WantedRelease, facts: NodeFacts): Extract<Action, { kind: 'release.write' }> {
  const { reuse, bytesToWrite } = wanted.writing;
  return {
    kind: 'release.write',
    release: wanted.id,
    components: wanted.components,
    replaces: facts.damaged.has(wanted.id),
    bytes: bytesToWrite,
    linked: reuse.filter(({ how }) => how === 'link').length,
    changes: wanted.changes,
  };
}

export function interruptionNotes({
  unfinished,
  isRecordRebuilt,
  record,
}: Pick<NodeFacts, 'unfinished' | 'isRecordRebuilt' | 'record'>): readonly string[] {
  return [
    ...(isRecordRebuilt ? [lostRecordNote(record?.current)] : []),
    ...(unfinished === undefined ? [] : [`an earlier run was interrupted: ${unfinished}`]),
  ];
}
