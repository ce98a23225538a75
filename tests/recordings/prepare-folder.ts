/** The folder in which the demos are typed: the pods, and programs that work on the lab under their own names. */
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { labProgram, type LabDriver } from '../driver/lab-driver.ts';
import { findHelm } from '../driver/helm-chart.ts';

const repository = join(import.meta.dirname, '../..');

/** Installs 3.24.0, and returns the environment of the demos. */
export async function prepareFolder(
  lab: LabDriver,
  folder: string,
): Promise<Readonly<Record<string, string>>> {
  const { registry } = JSON.parse(await lab.lab(['status', '--output', 'json'])) as { registry: string };
  const kubeconfig = join(folder, '.kubeconfig');
  await writeFile(kubeconfig, await lab.kubectl(['config', 'view', '--raw', '--flatten']));
  const programs = {
    kubectl: `${labProgram} kubectl`,
    argo: `${labProgram} argo`,
    helm: await findHelm(),
    'kata-lifecycle': join(repository, 'bin/kata-lifecycle'),
  };
  await mkdir(join(folder, '.bin'));
  for (const [name, program] of Object.entries(programs)) {
    const file = join(folder, '.bin', name);
    await writeFile(file, `#!/bin/sh\nexec ${program} "$@"\n`);
    await chmod(file, 0o755);
  }
  for (const name of ['pod.yaml', 'pod-that-rejects-n2.yaml', 'lab.yaml']) {
    await writeFile(join(folder, name), await readFile(join(import.meta.dirname, 'files', name)));
  }
  await lab.lab([
    ...['helm', 'install', 'kata-deploy', `oci://${registry}/charts/kata-deploy`, '--plain-http'],
    ...['--version', '3.24.0', '--namespace', 'kube-system'],
    ...['--set', 'image.reference=registry.lab:5000/kata-deploy'],
  ]);
  await lab.kubectl([
    ...['rollout', 'status', 'daemonset/kata-deploy', '--namespace', 'kube-system', '--timeout=300s'],
  ]);
  const path = `${join(folder, '.bin')}:${process.env['PATH'] ?? ''}`;
  return { KUBECONFIG: kubeconfig, LAB_NAME: lab.name, REGISTRY: registry, PATH: path };
}
