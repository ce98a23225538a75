/** Argo's workflow controller: a service of the control machine, with the identity and the rights of Argo's own ServiceAccount. */
import { waitFor } from '@kata/core';
import { issueCertificate, readKeyPair } from '../cluster/certificates.ts';
import { renderKubeconfig } from '../cluster/kubeconfig.ts';
import { serviceUnit } from '../cluster/units.ts';
import { controlName, type LabPlace, machineDirectory, network, registryHost } from '../lab.ts';
import { kubectl } from '../lifecycle/api-client.ts';
import { toolPath } from '../machines/boot-machine.ts';
import type { MachineFile } from '../machines/machine-file.ts';
import { placeFile } from '../machines/prepare-machine.ts';
import { executorReference } from './executor-image.ts';
import { argoNamespace, controllerAccount } from './objects.ts';

const kubeconfig = '/etc/kubernetes/workflow-controller.conf';

/** Without its kubeconfig the controller waits: before Argo's objects exist it would only crash. */
export function controllerFiles(): readonly MachineFile[] {
  return serviceUnit({
    name: 'workflow-controller',
    after: ['kube-apiserver.service'],
    waitFor: kubeconfig,
    environment: {
      LEADER_ELECTION_IDENTITY: controlName,
      // How long the controller waits after a change of a pod. By default 10 s, which every step of a workflow costs.
      DEFAULT_REQUEUE_TIME: '1s',
    },
    command: [
      toolPath('argo', 'workflow-controller'),
      `--kubeconfig=${kubeconfig}`,
      `--executor-image=${registryHost}/${executorReference}`,
    ],
  });
}

/** Resolves when the controller is working. */
export async function startController(place: LabPlace): Promise<void> {
  await issueCertificate(place, {
    name: 'workflow-controller',
    commonName: `system:serviceaccount:${argoNamespace}:${controllerAccount}`,
  });
  const content = renderKubeconfig({
    name: place.name,
    server: `https://${network.control}:${network.apiPort}`,
    authority: (await readKeyPair(place, 'ca')).certificate,
    user: controllerAccount,
    credentials: await readKeyPair(place, 'workflow-controller'),
    namespace: argoNamespace,
  });
  await placeFile(machineDirectory(place, controlName), { path: kubeconfig, content, mode: 0o600 });
  const hint = `lab logs ${controlName} workflow-controller --name ${place.name}`;
  await waitFor({ what: "Argo's controller", timeoutMs: 60_000, hint }, async () => {
    const lease = ['get', 'lease', 'workflow-controller', `--namespace=${argoNamespace}`];
    const holder = await kubectl(place, [...lease, '--output=jsonpath={.spec.holderIdentity}']);
    return holder === controlName ? true : undefined;
  });
}
