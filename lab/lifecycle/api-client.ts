/** How the lab itself asks its API server: kubectl with the administrator's kubeconfig, over loopback. */
import { join } from 'node:path';
import { type LabPlace } from '../lab.ts';
import { run, type RunOptions } from '../run.ts';
import { toolDirectory } from '../tools/build-tool.ts';

export const kubeconfigFile = (place: LabPlace): string => join(place.directory, 'kubeconfig');

/** kubectl is the Kubernetes program under another name. */
export async function kubectlProgram(place: LabPlace): Promise<string> {
  return join(await toolDirectory('kube', place.cache), 'kubectl');
}

export async function kubectl(
  place: LabPlace,
  words: readonly string[],
  options: RunOptions = {},
): Promise<string> {
  const program = await kubectlProgram(place);
  return await run([program, `--kubeconfig=${kubeconfigFile(place)}`, ...words], options);
}
