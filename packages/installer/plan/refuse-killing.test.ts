// Issue 15: where the unit's KillMode kills shims, the engine is not restarted under running Kata pods.
import { expect, test } from 'vitest';
import { type EngineSandbox, runningOf } from '../facts/sandboxes.ts';
import type { Installation } from '../installation/installation.ts';
import { MemoryNode } from '../testkit/memory-node.ts';
import { usualMachine } from '../testkit/scenarios.ts';
import { someSettings } from '../testkit/some-settings.ts';
import { usePayloads } from '../testkit/use-payloads.ts';

const one = someSettings(['remote']);
const both = someSettings(['qemu-snp', 'remote']);
const unit = 'containerd.service';
const pod: EngineSandbox = {
  ...{ id: '0123456789abcdef', handler: 'kata-remote', uid: 'u', namespace: 'default', name: 'web' },
  isRunning: true,
};

const payloads = usePayloads();

async function installed(killMode: string): Promise<MemoryNode> {
  const node = await MemoryNode.start(usualMachine);
  await node.installation(one).install(payloads.first);
  const state = await node.host.units.state(unit);
  if (state === undefined) throw new Error(`${unit} does not exist`);
  node.host.units.set(unit, { ...state, killMode });
  return node;
}

function withPods(node: MemoryNode, pods: readonly EngineSandbox[]): Installation {
  return node.installation(both, { sandboxes: async (handlers) => runningOf(pods, handlers) });
}

test.each(['control-group', 'mixed'])('%s: refused before any change, with the drop-in', async (killMode) => {
  const node = await installed(killMode);
  const before = [node.tree(), node.restarts];

  await expect(withPods(node, [pod]).install(payloads.first)).rejects.toMatchObject({
    code: 'KATA_ENGINE_KILL_MODE',
    message: `a restart of ${unit} would kill running Kata pods (default/web): its KillMode is ${killMode}`,
    hint: expect.stringContaining(`KillMode=process\\n' > /etc/systemd/system/${unit}.d/kata.conf`),
    exitCode: 3,
  });
  expect([node.tree(), node.restarts]).toEqual(before);
});

test.each([
  ['process', [pod]],
  ['control-group', []],
])('%s with %j: restarted', async (killMode, pods) => {
  const node = await installed(killMode);
  const before = node.restarts;

  await withPods(node, pods).install(payloads.first);

  expect(node.restarts).toBe(before + 1);
});

test('a run without a restart is not refused', async () => {
  const node = await installed('control-group');

  const { plan } = await node
    .installation(one, { sandboxes: async (handlers) => runningOf([pod], handlers) })
    .install(payloads.first);

  expect(plan.actions).toEqual([]);
});
