/** The commands that are killed, each with the state of the node in which it starts. */
import { approvedAnnotation, lifecycleConfigMap } from '@kata/kata';
import type { EngineName } from '@kata/lab/engines/catalog.ts';
import { type CrashCommand, CrashNode } from './crash-node.ts';
import { ClusterInstaller, credentialsFolder, name, namespace } from './cluster-installer.ts';
import type { LabDriver } from './lab-driver.ts';
import { imageDirectory, type NodeInstaller } from './node-installer.ts';
import { installAsUpstream } from './upstream-installation.ts';

/** The small payloads. */
export const crashImages = ['3.24.0-small', '3.25.0-small'] as const;
const [first, second] = crashImages;
const install = ['install', '--once'];
/** The environment of the node's pod; see `manage`. */
const inCluster = {
  KUBECONFIG: '/kube/direct',
  NODE_NAME: 'n1',
  POD_NAMESPACE: namespace,
  DAEMONSET_NAME: name,
};
const otherValues = {
  SHIMS_X86_64: 'qemu clh',
  ALLOWED_HYPERVISOR_ANNOTATIONS_X86_64: 'qemu:kernel_params',
  AGENT_HTTPS_PROXY: 'http://proxy.example:3128',
};

export const crashCommands: readonly CrashCommand[] = [
  { name: 'install', from: 'bare', image: first, words: install },
  { name: 'upgrade', from: 'installed', image: second, words: install },
  // With a target, so that a second run has the same one.
  { name: 'rollback', from: 'upgraded', image: second, words: ['rollback', '--to', '3.24.0'] },
  {
    name: 'rollback that adds a handler',
    from: 'narrowed',
    image: second,
    words: ['rollback', '--to', '3.24.0'],
    serves: 'each before or after',
  },
  { name: 'change of settings', from: 'upgraded', image: second, words: install, env: otherValues },
  // The node's approved release is the previous one: the pod of another release switches back to it.
  { name: "the gate's switch", from: 'upgraded', image: second, words: install, env: inCluster },
  { name: 'uninstall', from: 'upgraded', image: second, words: ['cleanup'] },
  { name: 'adoption', from: 'upstream', image: second, words: install },
];

/** Saves the state `bare`. The node has nothing of Kata, and the small payloads are published in its lab. */
export async function bareCrashNode(
  lab: LabDriver,
  node: string,
  installer: NodeInstaller,
  images: readonly string[] = crashImages,
): Promise<CrashNode> {
  for (const image of images) await installer.unpack(image, image);
  const crashNode = new CrashNode(lab, node, installer, first);
  await crashNode.prepare();
  await crashNode.save('bare');
  return crashNode;
}

/** Saves all states. */
export async function makeCrashNode(
  lab: LabDriver,
  node: string,
  installer: NodeInstaller,
  engine: EngineName,
): Promise<CrashNode> {
  const crashNode = await bareCrashNode(lab, node, installer);
  await manage(lab, node, '3.24.0');
  await crashNode.run(crashCommand('install'));
  await crashNode.save('installed');
  await crashNode.run(crashCommand('upgrade'));
  await crashNode.save('upgraded');
  await crashNode.restore('installed');
  await installer.run(second, install, { SHIMS_X86_64: 'qemu' });
  await crashNode.save('narrowed');
  await crashNode.restore('bare');
  await installAsUpstream(lab, node, first, engine);
  await crashNode.save('upstream');
  return crashNode;
}

/** For commands that are `inCluster`: the ConfigMap of the lifecycle manager, and its approval for this node. */
async function manage(lab: LabDriver, node: string, approved: string): Promise<void> {
  await ClusterInstaller.applyRbac(lab);
  await new ClusterInstaller(lab, node).writeCredentials();
  const kube = `${imageDirectory(second)}/kube`;
  await lab.onNode(node, ['sh', '-c', `mkdir -p ${kube} && cp ${credentialsFolder}/direct ${kube}/`]);
  const metadata = { name: lifecycleConfigMap(''), namespace };
  await lab.apply({ apiVersion: 'v1', kind: 'ConfigMap', metadata });
  await lab.kubectl(['annotate', 'node', node, '--overwrite', `${approvedAnnotation('')}=${approved}`]);
}

export function crashCommand(wanted: string): CrashCommand {
  const found = crashCommands.find(({ name }) => name === wanted);
  if (found === undefined) throw new TypeError(`unknown command ${wanted}`);
  return found;
}
