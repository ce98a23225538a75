/** For tests that start from a node with a newer release after an upgrade from an older one. */
import { MemoryNode } from './memory-node.ts';
import { usualMachine } from './scenarios.ts';
import { someSettings } from './some-settings.ts';
import { type Payloads, usePayloads } from './use-payloads.ts';

export const both = someSettings(['qemu-snp', 'remote']);

export interface UpgradedNode extends Payloads {
  readonly node: MemoryNode;
}

/** Registers hooks for the payloads; returns a function that makes such a node. */
export function useUpgradedNode(): () => Promise<UpgradedNode> {
  const payloads = usePayloads();
  return async () => {
    const { first, second } = payloads;
    const node = await MemoryNode.start(usualMachine);
    await node.installation(both).install(first);
    await node.installation(both).install(second);
    return { node, first, second };
  };
}
