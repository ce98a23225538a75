/** Plans an installation or an upgrade. Pure: the same facts give the same plan, and applied facts give none. */
import type { Action, Plan } from './actions.ts';
import type { NodeFacts } from './facts.ts';
import { planSwitch, type SwitchTarget } from './plan-switch.ts';
import type { Settings } from './settings/index.ts';
import { type WantedFiles, wantedHandlers } from './wanted-files.ts';

/** The release that a payload becomes under these settings. */
export interface WantedRelease extends WantedFiles, SwitchTarget {
  readonly components: readonly string[];
}

export function planInstall(settings: Settings, wanted: WantedRelease, facts: NodeFacts): Plan {
  const release: Action[] = facts.releases.has(wanted.id)
    ? []
    : [{ kind: 'release.write', release: wanted.id, components: wanted.components }];
  const files: Action[] = [];
  for (const [path, { text: after, mode }] of wanted.files) {
    const before = facts.generated.get(path);
    if (before !== after) files.push({ kind: 'file.write', path, before, after, mode, area: 'release' });
  }
  for (const path of wanted.absent) {
    const before = facts.generated.get(path);
    if (before !== undefined) files.push({ kind: 'file.remove', path, before, area: 'release' });
  }
  return {
    actions: [...release, ...files, ...planSwitch(settings.prefix, wanted, wantedHandlers(settings), facts)],
    notes: interruptionNotes(facts),
    onFailure: 'undo',
  };
}

export function interruptionNotes({ unfinished }: Pick<NodeFacts, 'unfinished'>): readonly string[] {
  return unfinished === undefined ? [] : [`an earlier run was interrupted: ${unfinished}`];
}
