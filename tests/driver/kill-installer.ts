/** Kills the installer at random moments of install and upgrade and runs it again: the final tree must be the same. */
import { strict as assert } from 'node:assert';
import { readTree } from './kata-steps.ts';
import type { LabDriver } from './lab-driver.ts';
import type { NodeInstaller } from './node-installer.ts';
import { randomNumbers } from './random-numbers.ts';

export interface KillCount {
  readonly kills: number;
  /** Kills that came after the end of the run. */
  readonly tooLate: number;
}

interface Verb {
  readonly image: string;
  readonly durationMs: number;
  /** Of an uninterrupted run. */
  readonly tree: readonly string[];
}

export const versions = ['3.24.0', '3.25.0'] as const;

/**
 * Two kills in each round: one of an installation, one of an upgrade. Kata is not installed on the node; `images` are
 * the names under which `installer` has unpacked the two payloads.
 */
export async function killInstallerRounds(
  lab: LabDriver,
  node: string,
  installer: NodeInstaller,
  images: readonly [string, string],
  rounds: number,
  seed: number,
  say: (line: string) => void,
): Promise<KillCount> {
  const before = await readTree(lab, node);
  const verbs: Verb[] = [];
  const [, latest] = images;
  for (const image of images) {
    const { text } = installer.command(image, ['install', '--once']);
    const seconds = await timeOnNode(lab, node, text);
    verbs.push({ image, durationMs: seconds * 1000, tree: await readTree(lab, node) });
  }
  const random = randomNumbers(seed);
  let [kills, tooLate] = [0, 0];
  for (let round = 0; round < rounds; round += 1) {
    await expectDone(installer, latest, 'cleanup');
    assert.deepEqual(await readTree(lab, node), before, 'after the removal');
    for (const { image, durationMs, tree } of verbs) {
      // Most changes happen at the end, after the payload is unpacked.
      const spanMs = round % 2 === 0 ? durationMs : Math.min(durationMs, 1500);
      const afterMs = durationMs - spanMs + random() * spanMs;
      const killed = await installer.kill(image, ['install', '--once'], afterMs);
      if (killed) kills += 1;
      else tooLate += 1;
      say(
        `round ${round + 1} of ${rounds}: ${image} ${killed ? 'killed' : 'had ended'} after ${Math.round(afterMs)} ms`,
      );
      await expectDone(installer, image, 'install', '--once');
      assert.deepEqual(await readTree(lab, node), tree, `${image} killed after ${afterMs} ms`);
    }
  }
  await expectDone(installer, latest, 'cleanup');
  assert.deepEqual(await readTree(lab, node), before, 'at the end');
  return { kills, tooLate };
}

async function expectDone(
  installer: NodeInstaller,
  ...[image = '', ...words]: readonly string[]
): Promise<void> {
  const { exitCode, stderr } = await installer.run(image, words);
  assert.equal(exitCode, 0, stderr);
}

/** Wall time of a shell command on the node, in seconds, without the time to reach the node. */
async function timeOnNode(lab: LabDriver, node: string, command: string): Promise<number> {
  const script = `s=$(date +%s%N)
    { ${command}; } >/tmp/timed.log 2>&1 || { cat /tmp/timed.log >&2; exit 1; }
    e=$(date +%s%N); echo $(( (e - s) / 1000 ))`;
  return Number(await lab.onNode(node, ['sh', '-c', script])) / 1e6;
}
