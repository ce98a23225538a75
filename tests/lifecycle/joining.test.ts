/** Nodes that join the cluster during a run, and after one. */
import { waitFor } from '@kata/core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Fleet, textOf, whole } from '../driver/fleet.ts';
import { startKataPod } from '../driver/kata-steps.ts';
import { verificationPod } from '../driver/lifecycle.ts';

let fleet: Fleet;

beforeAll(async () => {
  fleet = await Fleet.up('lifecycle-joining', ['containerd-2.2']);
});

afterAll(async () => {
  await fleet.down();
});

async function join(node: string): Promise<void> {
  await fleet.lab.lab(['node', 'add', node, '--engine', 'containerd-2.4']);
  await fleet.lab.kubectl(['label', 'node', node, 'katacontainers.io/kata-upgrade-window=true']);
}

test('a node that joins during a run stays without Kata until the release was verified, then it is verified, too', async () => {
  const pod = verificationPod('sleep 60');

  const running = fleet.lifecycle.upgrade('3.25.0', pod);
  await fleet.untilPhase('n1', 'verifying');
  await join('n2');
  await waitFor({ what: 'n2 to report that it is held', timeoutMs: 60_000 }, async () => {
    const found = (await fleet.status()).nodes.find(({ node }) => node === 'n2');
    return found?.installerPhase === 'held' ? true : undefined;
  });
  const during = await fleet.ends();
  const ended = await running;

  expect(during).toEqual({ n1: 'verifying 3.25.0 cordoned by run', n2: 'untouched without Kata' });
  expect(ended.exitCode, textOf(ended)).toBe(0);
  expect(await fleet.ends()).toEqual({ n1: 'completed 3.25.0', n2: 'completed 3.25.0' });
});

test('a node that joins after a good run installs the release that was verified; a run only verifies it', async () => {
  await fleet.begin('3.25.0');

  await join('n3');
  await waitFor({ what: 'n3 to have Kata', timeoutMs: 120_000 }, async () => {
    const found = (await fleet.status()).nodes.find(({ node }) => node === 'n3');
    return found?.installerPhase === 'installed' ? true : undefined;
  });
  const joined = await fleet.ends();
  expect((await startKataPod(fleet.lab, 'on-n3', 'n3')).ready).toBe(true);
  const installers = await fleet.installers();
  const ended = await fleet.lifecycle.upgrade('3.25.0', whole);

  expect(joined).toMatchObject({ n3: 'untouched 3.25.0' });
  expect(ended.exitCode, textOf(ended)).toBe(0);
  expect(await fleet.ends()).toMatchObject({ n3: 'completed 3.25.0' });
  expect(await fleet.installers()).toEqual(installers);
});
