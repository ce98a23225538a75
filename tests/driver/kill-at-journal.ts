/** Kills a command before and after each note of its journal, and runs it again: the end must be that of one run. */
import { strict as assert } from 'node:assert';
import type { CrashCommand, CrashNode, NodeState, Trial } from './crash-node.ts';
import type { KillPoint } from './journal-calls.ts';

export interface CrashCount {
  /** That the journal names. */
  readonly actions: number;
  readonly points: number;
  readonly kills: number;
  /** One for each kill after which something was wrong. */
  readonly wrong: readonly string[];
}

/** `most`: that many of the kill points, spread over all; every one when it is not given. */
export async function killAtJournal(
  node: CrashNode,
  command: CrashCommand,
  say: (line: string) => void,
  most = Infinity,
): Promise<CrashCount> {
  const before = await node.putBack(command.from);
  const after = await node.run(command);
  const points = await node.trace(command);
  const seen = new Set<string>();
  let notes: readonly string[] = [];
  const wrong: string[] = [];
  let kills = 0;
  const tryAt = async (point: KillPoint, engine: 'restarted' | 'as it was'): Promise<string> => {
    kills += 1;
    const where = `${command.name}: killed before ${point.call} ${point.count}, the engine ${engine}`;
    try {
      const trial = await node.try(command, point, engine);
      for (const note of trial.notes.slice(-1)) seen.add(note);
      if (trial.notes.length > notes.length) notes = trial.notes;
      compare(trial, before, after);
      say(`${where}, ${trial.note === '' ? 'without a journal' : trial.note}`);
      return trial.note;
    } catch (error) {
      wrong.push(`${where}: ${String(error)}`);
      say(wrong.at(-1) ?? '');
      return '';
    }
  };
  const tried = spread(points, most);
  for (const point of tried) {
    const note = await tryAt(point, 'restarted');
    // Nobody restarted the engine in between: the next run must.
    if (concernsEngine(note)) await tryAt(point, 'as it was');
  }
  const unseen = notes.filter((note) => !seen.has(note));
  if (tried.length === points.length) assert.deepEqual(unseen, [], 'notes at which it was not killed');
  return {
    actions: notes.filter((note) => note.startsWith('before')).length,
    points: points.length,
    kills,
    wrong,
  };
}

function spread<T>(all: readonly T[], most: number): readonly T[] {
  if (most >= all.length) return all;
  return Array.from({ length: most }, (_, i) => all[Math.floor(((i + 0.5) * all.length) / most)] as T);
}

function concernsEngine(note: string): boolean {
  return / \/etc\/containerd\/|kata-deploy\.toml|"restart /.test(note);
}

/** Throws what differs. */
function compare(trial: Trial, before: NodeState, after: NodeState): void {
  assert.deepEqual(trial.settings, before.settings, "the administrator's settings where it was killed");
  const { servedThere } = trial;
  if (servedThere !== undefined && servedThere !== before.served) {
    assert.equal(servedThere, after.served, 'what the engine served where it was killed');
  }
  assert.equal(trial.after.served, after.served, 'what the engine serves at the end');
  assert.deepEqual(differences(trial.after.tree, after.tree), [], 'the tree at the end');
  assert.deepEqual(trial.after.settings, after.settings, "the administrator's settings at the end");
}

/** Lines that only one of them has. */
function differences(found: readonly string[], wanted: readonly string[]): readonly string[] {
  const [there, expected] = [new Set(found), new Set(wanted)];
  return [
    ...found.filter((line) => !expected.has(line)).map((line) => `found ${line}`),
    ...wanted.filter((line) => !there.has(line)).map((line) => `missing ${line}`),
  ];
}

export function describeCount(name: string, { actions, points, kills, wrong }: CrashCount): string {
  return `${name}: ${actions} actions, ${points} kill points, ${kills} kills, ${wrong.length} wrong`;
}
