/** Kills a command before and after each note of its journal and runs it again: the result must be that of one run. */
import { strict as assert } from 'node:assert';
import type { CrashCommand, CrashNode, NodeState, Trial } from './crash-node.ts';

export interface CrashCount {
  /** Actions in the journal. */
  readonly actions: number;
  readonly points: number;
  /** Some points are tried twice: with the engine restarted after the kill, and without. */
  readonly kills: number;
  /** One text for each kill after which something was wrong. */
  readonly wrong: readonly string[];
}

type Serves = NonNullable<CrashCommand['serves']>;

/** `most`: how many of the kill points are tried, evenly spread; default: all. */
export async function killAtJournal(
  node: CrashNode,
  command: CrashCommand,
  say: (line: string) => void,
  most = Infinity,
): Promise<CrashCount> {
  const before = await node.restore(command.from);
  const after = await node.run(command);
  const points = await node.trace(command);
  const tried = spread(points, most);
  const trials: Trial[] = [];
  const wrong: string[] = [];
  for (const [index, point] of tried.entries()) {
    for (const engine of ['restarted', 'as it was'] as const) {
      const where = `${command.name}, ${index + 1} of ${tried.length}, the engine ${engine}`;
      const said = await node
        .try(command, point, engine)
        .then((trial) => {
          trials.push(trial);
          compare(trial, before, after, command.serves ?? 'before or after');
          return trial.note || 'no journal';
        })
        .catch(async (error: unknown) => {
          const why = `${String(error)}\n${await node.complaint()}`.trimEnd();
          wrong.push(`${where}, before ${point.call} ${point.count}: ${why}`);
          return `wrong: ${why}`;
        });
      say(`${where}: ${said}`);
      // Where the engine's files or its restart are concerned, the trial without a restart is a second one.
      if (!concernsEngine(said)) break;
    }
  }
  const notes = longest(trials);
  if (tried.length === points.length && wrong.length === 0) checkAllSeen(notes, trials);
  const actions = notes.filter((note) => note.startsWith('before')).length;
  return { actions, points: points.length, kills: trials.length, wrong };
}

/** The journal after the last kill has all notes. */
function longest(trials: readonly Trial[]): readonly string[] {
  return trials.map(({ notes }) => notes).toSorted((a, b) => b.length - a.length)[0] ?? [];
}

function checkAllSeen(notes: readonly string[], trials: readonly Trial[]): void {
  const seen = new Set(trials.map(({ note }) => note));
  const unseen = notes.filter((note) => !seen.has(note));
  assert.deepEqual(unseen, [], 'notes of the journal without a kill');
}

function spread<T>(all: readonly T[], most: number): readonly T[] {
  if (most >= all.length) return all;
  return Array.from({ length: most }, (_, i) => all[Math.floor(((i + 0.5) * all.length) / most)] as T);
}

function concernsEngine(note: string): boolean {
  return / \/etc\/containerd\/|kata-deploy\.toml|"restart /.test(note);
}

/** Throws when anything differs. */
function compare(trial: Trial, before: NodeState, after: NodeState, serves: Serves): void {
  assert.deepEqual(trial.settings, before.settings, "the administrator's settings after the kill");
  const { servedAfterKill } = trial;
  if (servedAfterKill !== undefined && !isServable(servedAfterKill, [before.served, after.served], serves)) {
    assert.fail(`after the kill the engine served:\n${servedAfterKill}`);
  }
  assert.equal(trial.after.served, after.served, 'what the engine serves at the end');
  assert.deepEqual(differences(trial.after.tree, after.tree), [], 'the tree at the end');
  assert.deepEqual(trial.after.reported, after.reported, 'labels and status of the node object at the end');
  assert.deepEqual(trial.after.settings, after.settings, "the administrator's settings at the end");
}

function isServable(found: string, known: readonly string[], serves: Serves): boolean {
  if (serves === 'before or after') return known.includes(found);
  const lines = new Set(known.flatMap((served) => served.split('\n')));
  return found.split('\n').every((line) => line === '' || lines.has(line));
}

/** Lines that are in only one of the two. */
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
