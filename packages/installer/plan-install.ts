/** Plans an installation or an upgrade. Pure: the same facts give the same plan, and applied facts give none. */
import { wishesWithoutEffect } from '@kata/kata';
import { planAdoption } from './adoption/plan-adoption.ts';
import type { Action, Plan } from './actions.ts';
import type { HandlerEntry, NodeFacts } from './facts.ts';
import { planSwitch, type SwitchTarget } from './plan-switch.ts';
import { restartNotes } from './restart-notes.ts';
import type { Settings } from './settings/index.ts';
import { type WantedFiles, wantedHandlers } from './wanted-files.ts';

/** The release that a payload becomes under these settings. */
export interface WantedRelease extends WantedFiles, SwitchTarget {
  readonly components: readonly string[];
  /** Handlers that this version would not make and living sandboxes may need; their files are among `files`. */
  readonly carried: readonly HandlerEntry[];
}

export function planInstall(settings: Settings, wanted: WantedRelease, facts: NodeFacts): Plan {
  const adoption = planAdoption(settings.prefix, facts);
  const notes = [
    ...interruptionNotes(facts),
    ...wishesWithoutEffect({ ...settings, kubeletRoot: undefined }),
  ];
  if (adoption === undefined) {
    const actions = planRelease(settings, wanted, facts);
    return { actions, notes: [...notes, ...restartNotes(actions, facts.engine)], onFailure: 'undo' };
  }
  const actions = [...adoption.first, ...planRelease(settings, wanted, adoption.facts), ...adoption.last];
  return {
    actions,
    notes: [...adoption.notes, ...notes, ...restartNotes(actions, facts.engine)],
    onFailure: 'undo',
  };
}

/** What the engine shall serve. */
export function servedHandlers(
  settings: Settings,
  { carried }: Pick<WantedRelease, 'carried'>,
): readonly HandlerEntry[] {
  return [...wantedHandlers(settings), ...carried];
}

function planRelease(settings: Settings, wanted: WantedRelease, facts: NodeFacts): readonly Action[] {
  const release: Action[] = facts.releases.has(wanted.id)
    ? []
    : [
        {
          kind: 'release.write',
          release: wanted.id,
          components: wanted.components,
          replaces: facts.damaged.has(wanted.id),
        },
      ];
  const files: Action[] = [];
  for (const [path, { text: after, mode }] of wanted.files) {
    const before = facts.generated.get(path);
    if (before !== after) files.push({ kind: 'file.write', path, before, after, mode, area: 'release' });
  }
  for (const path of wanted.absent) {
    const before = facts.generated.get(path);
    if (before !== undefined) files.push({ kind: 'file.remove', path, before, area: 'release' });
  }
  const handlers = servedHandlers(settings, wanted);
  return [...release, ...files, ...planSwitch(settings.prefix, wanted, handlers, facts)];
}

export function interruptionNotes({ unfinished }: Pick<NodeFacts, 'unfinished'>): readonly string[] {
  return unfinished === undefined ? [] : [`an earlier run was interrupted: ${unfinished}`];
}
