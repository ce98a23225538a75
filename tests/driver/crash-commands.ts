/** The commands that are killed, each with the state of the node from which it starts. */
import type { EngineName } from '@kata/lab/engines/catalog.ts';
import { type CrashCommand, CrashNode } from './crash-node.ts';
import type { LabDriver } from './lab-driver.ts';
import { NodeInstaller } from './node-installer.ts';
import { installAsUpstream } from './upstream-installation.ts';

const [first, second] = ['3.24.0-small', '3.25.0-small'];
const install = ['install', '--once'];

/** In the order in which their states are made. */
export const crashCommands: readonly CrashCommand[] = [
  { name: 'install', from: 'bare', image: first, words: install },
  { name: 'upgrade', from: 'installed', image: second, words: install },
  // Named, so that it means the same when it is run again.
  { name: 'rollback', from: 'upgraded', image: second, words: ['rollback', '--to', '3.24.0'] },
  { name: 'uninstall', from: 'upgraded', image: second, words: ['cleanup'] },
  { name: 'adoption', from: 'upstream', image: second, words: install },
];

/** The node has nothing of Kata, and its lab has the small payloads. */
export async function makeCrashNode(
  lab: LabDriver,
  node: string,
  engine: EngineName,
): Promise<{ readonly crashNode: CrashNode; readonly installer: NodeInstaller }> {
  const installer = new NodeInstaller(lab, node);
  for (const version of [first, second]) await installer.unpack(version, version);
  const crashNode = new CrashNode(lab, node, installer, first);
  await crashNode.prepare();
  await crashNode.keep('bare');
  for (const [command, state] of [
    ['install', 'installed'],
    ['upgrade', 'upgraded'],
  ] as const) {
    const found = crashCommands.find(({ name }) => name === command);
    if (found !== undefined) await crashNode.run(found);
    await crashNode.keep(state);
  }
  await crashNode.putBack('bare');
  await installAsUpstream(lab, node, first, engine);
  await crashNode.keep('upstream');
  return { crashNode, installer };
}
