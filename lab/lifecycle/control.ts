/** Creates and boots the control machine, and waits for its API server. */
import { writeFile } from 'node:fs/promises';
import { waitFor } from '@kata/core';
import { controllerFiles } from '../argo/controller.ts';
import { bootstrapObjects } from '../cluster/bootstrap-objects.ts';
import { readKeyPair } from '../cluster/certificates.ts';
import { controlFiles } from '../cluster/control-files.ts';
import { renderKubeconfig } from '../cluster/kubeconfig.ts';
import { controlName, type LabPlace } from '../lab.ts';
import { bootMachine } from '../machines/boot-machine.ts';
import { prepareMachine } from '../machines/prepare-machine.ts';
import type { LabRecord } from '../record.ts';
import type { ToolName } from '../tools/catalog.ts';
import { kubeconfigFile, kubectl } from './api-client.ts';

export async function prepareControl(place: LabPlace, record: LabRecord): Promise<void> {
  const files = [...(await controlFiles(place)), ...(record.argo ? controllerFiles() : [])];
  await prepareMachine({ place, name: controlName, files });
}

export async function bootControl(
  place: LabPlace,
  record: LabRecord,
  namespaceHostPid: number,
): Promise<void> {
  const tools: readonly ToolName[] = record.argo ? ['kube', 'argo'] : ['kube'];
  await bootMachine({ place, name: controlName, namespaceHostPid, tools });
}

/** Resolves when the API server answers and kubelets may join. */
export async function waitForApi(place: LabPlace, record: LabRecord): Promise<void> {
  const kubeconfig = renderKubeconfig({
    name: `lab-${place.name}`,
    server: `https://127.0.0.1:${record.apiPort}`,
    authority: (await readKeyPair(place, 'ca')).certificate,
    user: 'lab-admin',
    credentials: await readKeyPair(place, 'admin'),
  });
  await writeFile(kubeconfigFile(place), kubeconfig, { mode: 0o600 });
  const hint = `lab logs ${controlName} kube-apiserver --name ${place.name}`;
  await waitFor(
    { what: 'the API server', timeoutMs: 120_000, hint },
    async () => await kubectl(place, ['get', '--raw=/readyz', '--request-timeout=2s']),
  );
  // A controller of the API server creates its default roles: they may come a moment after it is ready.
  await waitFor(
    { what: 'the bootstrap objects', timeoutMs: 60_000, hint },
    async () =>
      await kubectl(place, ['apply', '--server-side', '--filename=-'], {
        input: bootstrapObjects()
          .map((object) => JSON.stringify(object))
          .join('\n---\n'),
      }),
  );
}
