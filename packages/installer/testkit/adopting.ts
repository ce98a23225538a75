/** For tests: installs, plans and removes on a node that upstream's installer may have set up. */
import type { Payload } from '@kata/artifacts';
import { describeAction } from '../state/actions.ts';
import { expect } from 'vitest';
import { killedBeforeCalls } from './killed-nodes.ts';
import { MemoryNode } from './memory-node.ts';
import type { Sample } from './random-choice.ts';
import { someSettings } from './some-settings.ts';
import { upstreamNode } from './upstream-node.ts';

export const both = someSettings(['qemu-snp', 'remote']);

/** Returns the id of the release. */
export async function install(node: MemoryNode, payload: Payload, settings = both): Promise<string> {
  return (await node.installation(settings).install(payload)).release;
}

export async function remove(node: MemoryNode): Promise<void> {
  await node.remove(both);
}

/** Notes, then actions, one on each line. */
export async function planText(node: MemoryNode, payload: Payload): Promise<string> {
  const { notes, actions } = await node.installation(both).planInstall(payload);
  return [...notes.map((note) => `# ${note}`), ...actions.map(describeAction), ''].join('\n');
}

/**
 * Kills an adoption before each call, or before a sample of calls, and removes Kata then. An adoption that had not begun
 * leaves the other installation unchanged; one that had begun leaves nothing. Returns how many had begun.
 */
export async function leaveKilledAdoptions(payload: Payload, sample?: Sample): Promise<number> {
  const start = await MemoryNode.start(upstreamNode('1.7'));
  const before = start.served();
  const adopts = async (node: MemoryNode): Promise<unknown> => await install(node, payload);
  let begun = 0;
  for await (const { node, at } of killedBeforeCalls(start, adopts, sample)) {
    const { files } = node.host;
    const names = await files.list('/opt/kata/state');
    const isBegun = names.some((name) => name === 'journal.json' || name === 'ownership.json');
    if (isBegun) begun += 1;
    await remove(node);
    expect(node.served(), at).toBe(isBegun ? '' : before);
    if (!isBegun) continue;
    expect(await files.list('/opt'), at).toEqual(['cni']);
    expect(await files.list('/etc/containerd'), at).toEqual(['config.toml']);
  }
  return begun;
}
