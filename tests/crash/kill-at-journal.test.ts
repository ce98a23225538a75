/** The installer killed before and after every action that its journal notes, and by the restart of the engine that it asks for. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { crashCommands, makeCrashNode } from '../driver/crash-commands.ts';
import type { CrashNode } from '../driver/crash-node.ts';
import { describeCount, killAtJournal } from '../driver/kill-at-journal.ts';
import { LabDriver } from '../driver/lab-driver.ts';

const lab = new LabDriver('crash-node');
const engine = 'containerd-2.2';
let node: CrashNode;

const say = (line: string): void => void process.stderr.write(`${line}\n`);

beforeAll(async () => {
  await lab.down();
  await lab.up(['--engine', engine]);
  await lab.lab(['publish', '--size', 'small']);
  ({ crashNode: node } = await makeCrashNode(lab, 'n1', engine));
});

afterAll(async () => {
  await lab.down();
});

test.each(crashCommands)(
  '$name, killed before and after each action and run again, ends as in one run',
  async (command) => {
    const count = await killAtJournal(node, command, say);

    say(`${engine}, ${describeCount(command.name, count)}`);
    expect(count.wrong).toEqual([]);
    // Each action is noted twice, and one can be killed before and after each note.
    expect(count.points).toBeGreaterThanOrEqual(4 * count.actions);
    expect(count.actions).toBeGreaterThan(1);
  },
);
