/** The seeds' upgrade through Argo Workflows, with the chart's own accounts: the sunny and the rainy path. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { waitFor } from '@kata/core';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findHelm } from '../driver/helm-chart.ts';
import { namespace } from '../driver/helm.ts';
import { helmRelease } from '../driver/kata-steps.ts';
import { LabDriver } from '../driver/lab-driver.ts';
import { verificationPod } from '../driver/lifecycle.ts';

const lab = new LabDriver('test-lifecycle-argo');
const repository = join(import.meta.dirname, '../..');
const image = 'kata-lifecycle-manager:test';
let folder: string;

/** The chart as users install it; pods have no DNS, so the registry is an address. */
async function installChart(pod: string): Promise<void> {
  const file = join(folder, 'pod.yaml');
  await writeFile(file, pod);
  await lab.lab([
    ...['helm', 'upgrade', '--install', 'kata-upgrade', join(repository, 'charts/kata-lifecycle-manager')],
    ...['--set-file', `defaults.verificationPod=${file}`, '--set', `defaults.helmNamespace=${namespace}`],
    ...['--set', 'image.reference=registry.lab:5000/kata-lifecycle-manager,image.tag=test'],
    ...['--set', 'chart.source=oci://10.77.0.10:5000/charts/kata-deploy,chart.plainHttp=true'],
  ]);
}

/** The seeds' command. Returns the phase of the workflow. */
async function upgrade(version: string): Promise<string> {
  const submitted = await lab.lab([
    ...['argo', 'submit', '-n', 'argo', '--from', 'workflowtemplate/kata-upgrade'],
    ...['-p', `target-version=${version}`, '--output=name'],
  ]);
  const name = submitted.trim();
  return await waitFor(
    { what: `workflow ${name} to end`, timeoutMs: 600_000, intervalMs: 2000 },
    async () => {
      const phase = await lab.kubectl([
        ...['get', 'workflow', name, '--namespace=argo', '--output=jsonpath={.status.phase}'],
      ]);
      return ['Succeeded', 'Failed', 'Error'].includes(phase) ? phase : undefined;
    },
  );
}

/** The seeds' monitoring command, without the age and version of kubelet. */
async function monitor(): Promise<readonly string[]> {
  const text = await lab.kubectl([
    ...['get', 'nodes', '--no-headers', '-L', 'katacontainers.io/kata-runtime'],
    ...['-L', 'katacontainers.io/kata-upgrade-status', '-L', 'katacontainers.io/kata-current-version'],
  ]);
  return text
    .trim()
    .split('\n')
    .map((line) => {
      const [node, status, , , , ...columns] = line.split(/\s+/);
      return [node, status, ...columns].join(' ');
    });
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kata-lifecycle-argo-'));
  await lab.down();
  await lab.up(['--argo', '--engine', 'containerd-2.4', '--engine', 'containerd-2.2']);
  await lab.lab(['publish']);
  const layout = join(folder, 'image');
  const program = join(repository, 'bin/kata-packaging');
  await execa(program, [
    ...['lifecycle', '--helm', await findHelm(), '--version', '3.25.0', '--output', layout],
  ]);
  await lab.lab(['load', layout, '--as', image]);
  await helmRelease(lab, '3.24.0', 'install');
  await lab.kubectl(['label', 'nodes', '--all', 'katacontainers.io/kata-upgrade-window=true']);
});

afterAll(async () => {
  await lab.down();
  await rm(folder, { recursive: true, force: true });
});

test('rainy: the pod fails on the second node, which returns to its release, and the workflow fails', async () => {
  const fails = verificationPod('test "$NODE_NAME" != n2').replace(
    'command:',
    'env: [{ name: NODE_NAME, valueFrom: { fieldRef: { fieldPath: spec.nodeName } } }]\n      command:',
  );
  await installChart(fails);

  expect(await upgrade('3.25.0')).toBe('Failed');
  expect(await monitor()).toEqual(['n1 Ready true completed 3.25.0', 'n2 Ready true rolled-back 3.24.0']);
});

test('sunny: the same workflow with a pod that passes upgrades the rest', async () => {
  await installChart(verificationPod('uname -a'));

  expect(await upgrade('3.25.0')).toBe('Succeeded');
  expect(await monitor()).toEqual(['n1 Ready true completed 3.25.0', 'n2 Ready true completed 3.25.0']);
});
