/** Kills the installer before and after every action of its journal, at random moments, and by the engine's restart. */
import type { EngineName } from '@kata/lab/engines/catalog.ts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { crashCommand, crashCommands, crashImages, makeCrashNode } from '../driver/crash-commands.ts';
import type { CrashNode } from '../driver/crash-node.ts';
import { describeCount, killAtJournal } from '../driver/kill-at-journal.ts';
import { killInstallerRounds } from '../driver/kill-installer.ts';
import { LabDriver } from '../driver/lab-driver.ts';
import { NodeInstaller } from '../driver/node-installer.ts';

/** Uses its own lab and removes it. `restarting`: the commands that restart the engine. */
export function describeKills(engine: EngineName, restarting: readonly string[]): void {
  const lab = new LabDriver('crash-node');
  const installer = new NodeInstaller(lab, 'n1');
  let node: CrashNode;

  const say = (line: string): void => void process.stderr.write(`${line}\n`);

  beforeAll(async () => {
    await lab.down();
    await lab.up(['--engine', engine]);
    await lab.lab(['publish', '--size', 'small']);
    node = await makeCrashNode(lab, 'n1', installer, engine);
  });

  afterAll(async () => {
    await lab.down();
  });

  test.each(crashCommands)(
    '$name, killed before and after each action and run again, has the result of one run',
    async (command) => {
      const count = await killAtJournal(node, command, say);

      say(`${engine}, ${describeCount(command.name, count)}`);
      expect(count.wrong).toEqual([]);
      expect(count.actions).toBeGreaterThan(0);
      expect(count.points).toBe(3 * count.actions + 2);
    },
    30 * 60_000,
  );

  test.each(restarting.map(crashCommand))(
    '$name that is killed by its restart of the engine is finished by the next run without another restart',
    async (command) => {
      const { tree, served } = await node.run(command);

      const { note, starts, after } = await node.killByRestart(command);

      expect(note).toMatch(/^before \d+, "restart containerd\.service: /);
      expect(starts[1]).not.toBe(starts[0]);
      expect(starts[2]).toBe(starts[1]);
      expect(after).toMatchObject({ tree, served });
    },
  );

  test('the tree is the same after kills at random moments, also within long actions, and a second run', async () => {
    const seed = Date.now() % 1_000_000;
    await node.restore('bare');

    const { kills, tooLate } = await killInstallerRounds(lab, 'n1', installer, crashImages, 5, seed, say);

    say(`random moments, seed ${seed}: ${kills} killed, ${tooLate} had already ended, 0 wrong`);
    expect(kills).toBeGreaterThan(5);
  });
}
