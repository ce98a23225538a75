/** Two nodes for the tests of the cleanup decision: runs the installer there and reads labels and status. */
import { expect } from 'vitest';
import { ClusterInstaller, name, namespace, type RunOptions } from '../driver/cluster-installer.ts';
import { LabDriver } from '../driver/lab-driver.ts';

export const lab = new LabDriver('test-decision');
export const first = new ClusterInstaller(lab, 'n1');
export const second = new ClusterInstaller(lab, 'n2');
export const own = 'kata-deploy.katacontainers.io/default';
export const blue = 'kata-deploy.katacontainers.io/blue';
export const shared = 'katacontainers.io/kata-runtime';

export const serving = (version = '3.24.0'): Readonly<Record<string, string>> => ({
  'handler.katacontainers.io/kata-clh': 'true',
  'handler.katacontainers.io/kata-qemu': 'true',
  [own]: 'true',
  [shared]: 'true',
  status: `installed Installed ${version}`,
});

export async function succeed(
  on: ClusterInstaller,
  words: readonly string[],
  options: RunOptions = {},
): Promise<string> {
  const { exitCode, stdout, stderr } = await on.run(words, options);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: expect.any(String) });
  return `${stdout}\n${stderr}`;
}

export const install = async (on: ClusterInstaller, options: RunOptions = {}): Promise<string> =>
  await succeed(on, ['install', '--once'], options);

export async function isInstalled(on: ClusterInstaller): Promise<boolean> {
  return (await lab.onNode(on.node, ['ls', '/opt'])).split('\n').includes('kata');
}

export const deleteDaemonSet = async (one = name): Promise<unknown> =>
  await lab.kubectl(['delete', 'daemonset', one, '--namespace', namespace, '--ignore-not-found']);

export async function labelNode(node: string, ...labels: readonly string[]): Promise<void> {
  await lab.kubectl(['label', '--overwrite', 'node', node, ...labels]);
}

export async function readStatusAnnotation(node: string): Promise<object> {
  const path = String.raw`--output=jsonpath={.metadata.annotations.katacontainers\.io/kata-deploy-status}`;
  return JSON.parse(await lab.kubectl(['get', 'node', node, path])) as object;
}

/** As in the chart. */
export const runtimeClass = {
  apiVersion: 'node.k8s.io/v1',
  kind: 'RuntimeClass',
  metadata: { name: 'kata-qemu' },
  handler: 'kata-qemu',
  scheduling: {
    nodeSelector: { [shared]: 'true', [own]: 'true', 'handler.katacontainers.io/kata-qemu': 'true' },
  },
};

/** The spec of a DaemonSet that selects nodes by name, or the node n9. */
export const term = (operator: string, ...values: readonly string[]): object => ({
  affinity: {
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [
          { matchExpressions: [{ key: 'kubernetes.io/hostname', operator, values }] },
          { matchFields: [{ key: 'metadata.name', operator: 'In', values: ['n9'] }] },
        ],
      },
    },
  },
});
