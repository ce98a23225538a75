/** Kills `lab up` at ten random moments; tests/lab kills it once. */
import { expect, test } from 'vitest';
import { killLabUp, killMoments } from '../driver/kill-lab-up.ts';
import { LabDriver } from '../driver/lab-driver.ts';

const lab = new LabDriver('crash');
const upWords = ['--engine', 'containerd-2.4', '--engine', 'containerd-1.6'];

test('lab up killed at ten random moments leaves nothing after lab down', async () => {
  await lab.down();
  const { rootFileSystem } = JSON.parse(
    await lab.lab(['build', 'kube', 'cni', 'containerd-2.4', '--output', 'json']),
  ) as { rootFileSystem: string };
  const startedAt = performance.now();
  await lab.up(upWords);
  const durationMs = performance.now() - startedAt;
  await lab.down();
  const seed = Date.now() % 1_000_000;
  const moments = killMoments(10, durationMs, seed);

  const outcomes = [];
  for (const killAfterMs of moments) {
    const result = await killLabUp({ lab, upWords, rootFileSystem, killAfterMs });
    outcomes.push({ killAfterMs, ...result });
    process.stderr.write(
      `killed after ${killAfterMs} ms of ${Math.round(durationMs)}: ${result.left.length} left\n`,
    );
  }

  expect(
    outcomes.flatMap((outcome) => outcome.left),
    `seed ${seed}`,
  ).toEqual([]);
  // The last moments may come after the end of a run that was faster than the first.
  expect(outcomes.filter((outcome) => outcome.killed).length).toBeGreaterThanOrEqual(8);
});
