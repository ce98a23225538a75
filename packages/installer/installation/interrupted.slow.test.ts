import { KataError } from '@kata/core';
import { describe, expect, test } from 'vitest';
import { Killed } from '../testkit/killed-nodes.ts';
import { MemoryNode } from '../testkit/memory-node.ts';
import { useQemuPayloads } from '../testkit/qemu-payloads.ts';
import { usualMachine } from '../testkit/scenarios.ts';
import { someSettings } from '../testkit/some-settings.ts';

const qemu = someSettings(['qemu']);

const payloads = useQemuPayloads();

/** Crashes a run before its k-th change and runs it again, for every k until a run is not interrupted. */
async function crashEverywhere(
  prepare: (node: MemoryNode) => Promise<void>,
  act: (node: MemoryNode) => Promise<unknown>,
): Promise<{ readonly points: number; readonly final: Readonly<Record<string, string>> }> {
  const whole = await MemoryNode.start(usualMachine);
  await prepare(whole);
  await act(whole);
  const final = whole.tree();
  for (let k = 0; ; k += 1) {
    const node = await MemoryNode.start(usualMachine);
    await prepare(node);
    const last = node.changes + k;
    node.onChange = () => {
      if (node.changes > last) throw new Killed();
    };
    try {
      await act(node);
      return { points: k, final };
    } catch {
      node.onChange = undefined;
    }
    await act(node);
    expect(node.tree(), `killed before change ${k}`).toEqual(final);
  }
}

// They take seconds, but must not fail on a busy machine.
describe(
  'a run that is killed before any change and run again has the same final tree',
  { timeout: 120_000 },
  () => {
    test('install', async () => {
      const { points } = await crashEverywhere(
        async () => undefined,
        async (node) => await node.installation(qemu).install(payloads.first),
      );
      expect(points).toBeGreaterThan(40);
    });

    test('upgrade', async () => {
      const { points } = await crashEverywhere(
        async (node) => {
          await node.installation(qemu).install(payloads.first);
        },
        async (node) => await node.installation(qemu).install(payloads.second),
      );
      expect(points).toBeGreaterThan(20);
    });

    test('removal', async () => {
      const { points, final } = await crashEverywhere(
        async (node) => {
          await node.installation(qemu).install(payloads.first);
        },
        async (node) => await node.remove(qemu),
      );
      expect(points).toBeGreaterThan(15);
      expect(final).toEqual((await MemoryNode.start(usualMachine)).tree());
    });
  },
);

describe(
  'a disk error at any change leaves the node unchanged, or the run succeeds',
  { timeout: 120_000 },
  () => {
    // The first eight changes of an installation are candidates for the engine's loader, which nothing depends on.
    // When the release is active, the record is written and the journal removed; then the backup of the record is removed,
    // or the reserve created: a folder with four files. The notes of verified files are the last change.
    test.each([
      ['install', 16],
      ['upgrade', 4],
    ])('%s', async (title, pastLastAction) => {
      const prepare = async (node: MemoryNode): Promise<void> => {
        if (title === 'upgrade') await node.installation(qemu).install(payloads.first);
      };
      const payload = title === 'install' ? payloads.first : payloads.second;
      const whole = await MemoryNode.start(usualMachine);
      await prepare(whole);
      await whole.installation(qemu).install(payload);
      const after = whole.tree();
      let [undone, ended] = [0, 0];
      for (let k = 0; ; k += 1) {
        const node = await MemoryNode.start(usualMachine);
        await prepare(node);
        const before = node.tree();
        const failing = node.changes + k;
        node.failChanges(() => node.changes - 1 === failing);
        const outcome = await node
          .installation(qemu)
          .install(payload)
          .then(() => 'ended')
          .catch((error: unknown) => error);
        if (node.changes <= failing) break;
        if (outcome === 'ended') {
          ended += 1;
          continue;
        }
        expect(outcome).toBeInstanceOf(KataError);
        // After its last action, when only our own state is still written.
        if (node.tree()['/opt/kata/state/journal.json'] !== undefined) {
          await node.installation(qemu).install(payload);
          expect(node.tree(), `failing change ${k}`).toEqual(after);
          ended += 1;
        } else {
          expect(node.tree(), `failing change ${k}`).toEqual(before);
          undone += 1;
        }
      }
      expect(ended).toBe(pastLastAction);
      expect(undone).toBeGreaterThan(30);
    });
  },
);
