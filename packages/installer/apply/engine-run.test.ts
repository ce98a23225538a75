import { expect, test } from 'vitest';
import { MemoryNode } from '../testkit/memory-node.ts';
import { usualMachine } from '../testkit/scenarios.ts';
import { someSettings } from '../testkit/some-settings.ts';
import { usePayloads } from '../testkit/use-payloads.ts';

const kubelet = 'kubelet.service';
const both = someSettings(['qemu-snp', 'remote']);
const payloads = usePayloads();

test.each<{ what: string; prepare?: (node: MemoryNode) => void; restarted: boolean }>([
  { what: 'is part of the engine', restarted: true },
  {
    what: 'has its own unit, which keeps running',
    prepare: ({ host }) => {
      host.units.start(kubelet);
    },
    restarted: false,
  },
  {
    what: 'is restarted with the engine',
    prepare: (node) => {
      node.host.units.start(kubelet);
      node.onRestart = () => {
        node.host.units.start(kubelet);
      };
    },
    restarted: true,
  },
  {
    what: 'is being started when the engine is up again',
    prepare: (node) => {
      node.host.units.start(kubelet);
      node.onRestart = () => {
        node.host.units.set(kubelet, { active: 'activating', startedAtMs: undefined });
      };
    },
    restarted: true,
  },
])('labels may be overwritten where kubelet $what: $restarted', async ({ prepare, restarted }) => {
  const node = await MemoryNode.start(usualMachine);
  prepare?.(node);

  const done = await node.installation(both).install(payloads.first);
  const again = await node.installation(both).install(payloads.first);

  expect([done.restartedKubelet, again.restartedKubelet]).toEqual([restarted, false]);
});
