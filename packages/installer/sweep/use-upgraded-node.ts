/** For tests that begin with a node on which a newer release replaced an older one. */
import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Payload } from '@kata/artifacts';
import { afterAll, beforeAll } from 'vitest';
import { MemoryNode } from './memory-node.ts';
import { usualMachine } from './scenarios.ts';
import { someSettings } from './some-settings.ts';
import { makeTwoTinyPayloads } from './tiny-payload.ts';

export const both = someSettings(['qemu-snp', 'remote']);

export interface UpgradedNode {
  readonly node: MemoryNode;
  readonly first: Payload;
  readonly second: Payload;
}

/** Registers what makes and removes the payloads; what it returns makes such a node. */
export function useUpgradedNode(): () => Promise<UpgradedNode> {
  let scratch: Awaited<ReturnType<typeof mkdtempDisposable>> | undefined;
  let payloads: readonly [Payload, Payload] | undefined;
  beforeAll(async () => {
    scratch = await mkdtempDisposable(join(tmpdir(), 'upgraded-node-test-'));
    payloads = await makeTwoTinyPayloads(scratch.path);
  });
  afterAll(async () => {
    await scratch?.remove();
  });
  return async () => {
    if (payloads === undefined) throw new TypeError('there are no payloads before the first test');
    const [first, second] = payloads;
    const node = await MemoryNode.start(usualMachine);
    await node.installation(both).install(first);
    await node.installation(both).install(second);
    return { node, first, second };
  };
}
