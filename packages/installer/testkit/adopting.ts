/** For tests: what one does with a node that upstream's installer may have set up. */
import type { Payload } from '@kata/artifacts';
import { describeAction } from '../state/actions.ts';
import type { MemoryNode } from './memory-node.ts';
import { someSettings } from './some-settings.ts';

export const both = someSettings(['qemu-snp', 'remote']);

/** Returns the id of the release. */
export async function install(node: MemoryNode, payload: Payload, settings = both): Promise<string> {
  return (await node.installation(settings).install(payload)).release;
}

export async function remove(node: MemoryNode): Promise<void> {
  const installation = node.installation(both);
  await installation.remove(await installation.planRemoval());
}

/** Notes, then actions, one on each line. */
export async function planText(node: MemoryNode, payload: Payload): Promise<string> {
  const { notes, actions } = await node.installation(both).planInstall(payload);
  return [...notes.map((note) => `# ${note}`), ...actions.map(describeAction), ''].join('\n');
}
