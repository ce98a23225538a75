/** The lab's own requests to its API server: kubectl with the administrator kubeconfig, over loopback. */
import { join } from 'node:path';
import { type LabPlace, toolLink } from '../lab.ts';
import { run, type RunOptions } from '../run.ts';

export const kubeconfigFile = (place: LabPlace): string => join(place.directory, 'kubeconfig');

/** kubectl is the Kubernetes program under another name. */
export const kubectlProgram = (place: LabPlace): string => join(toolLink(place, 'kube'), 'kubectl');

export async function kubectl(
  place: LabPlace,
  words: readonly string[],
  options: RunOptions = {},
): Promise<string> {
  return await run([kubectlProgram(place), `--kubeconfig=${kubeconfigFile(place)}`, ...words], options);
}
