/** The commands that are killed, each with the state of the node from which it starts. */
import type { EngineName } from '@kata/lab/engines/catalog.ts';
import { type CrashCommand, CrashNode } from './crash-node.ts';
import type { LabDriver } from './lab-driver.ts';
import type { NodeInstaller } from './node-installer.ts';
import { installAsUpstream } from './upstream-installation.ts';

/** Of the small payloads. */
export const crashImages = ['3.24.0-small', '3.25.0-small'] as const;
const [first, second] = crashImages;
const install = ['install', '--once'];

export const crashCommands: readonly CrashCommand[] = [
  { name: 'install', from: 'bare', image: first, words: install },
  { name: 'upgrade', from: 'installed', image: second, words: install },
  // Named, so that it means the same when it is run again.
  { name: 'rollback', from: 'upgraded', image: second, words: ['rollback', '--to', '3.24.0'] },
  {
    name: 'rollback that adds a handler',
    from: 'narrowed',
    image: second,
    words: ['rollback', '--to', '3.24.0'],
    serves: 'each before or after',
  },
  { name: 'uninstall', from: 'upgraded', image: second, words: ['cleanup'] },
  { name: 'adoption', from: 'upstream', image: second, words: install },
];

/** The node has nothing of Kata, and its lab has the small payloads: the state `bare`. */
export async function bareCrashNode(
  lab: LabDriver,
  node: string,
  installer: NodeInstaller,
  images: readonly string[] = crashImages,
): Promise<CrashNode> {
  for (const image of images) await installer.unpack(image, image);
  const crashNode = new CrashNode(lab, node, installer, first);
  await crashNode.prepare();
  await crashNode.keep('bare');
  return crashNode;
}

/** The same with all states. */
export async function makeCrashNode(
  lab: LabDriver,
  node: string,
  installer: NodeInstaller,
  engine: EngineName,
): Promise<CrashNode> {
  const crashNode = await bareCrashNode(lab, node, installer);
  await crashNode.run(crashCommand('install'));
  await crashNode.keep('installed');
  await crashNode.run(crashCommand('upgrade'));
  await crashNode.keep('upgraded');
  await crashNode.putBack('installed');
  await installer.run(second, install, { SHIMS_X86_64: 'qemu' });
  await crashNode.keep('narrowed');
  await crashNode.putBack('bare');
  await installAsUpstream(lab, node, first, engine);
  await crashNode.keep('upstream');
  return crashNode;
}

export function crashCommand(wanted: string): CrashCommand {
  const found = crashCommands.find(({ name }) => name === wanted);
  if (found === undefined) throw new TypeError(`no command is named ${wanted}`);
  return found;
}
