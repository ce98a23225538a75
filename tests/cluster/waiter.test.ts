/** Issue 12.21: whatever the installation is doing, somebody decides at the end of the pod, and what is there goes. */
import { waitFor } from '@kata/core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readNodeState } from '../driver/cluster-installer.ts';
import { readTree, waitForRollout } from '../driver/kata-walk.ts';
import { LabDriver } from '../driver/lab-driver.ts';

const lab = new LabDriver('test-waiter');
const namespace = 'kata';
const version = '3.24.0';
const values = { image: { reference: 'registry.lab:5000/kata-deploy' } };
/** containerd knows no such schema, and the installer refuses it each time. */
const refused = { ...values, containerd: { userDropIn: 'version = 9\n' } };

let before: readonly string[];

async function helm(verb: 'install' | 'upgrade', given: object): Promise<void> {
  const { registry } = JSON.parse(await lab.lab(['status', '--output', 'json'])) as { registry: string };
  await lab.lab(
    [
      ...['helm', verb, 'kata-deploy', `oci://${registry}/charts/kata-deploy`, '--plain-http'],
      ...['--version', version, '--namespace', namespace, '--create-namespace', '--values', '-'],
    ],
    JSON.stringify(given),
  );
}

async function install(): Promise<void> {
  await helm('install', values);
  await waitForRollout(lab);
}

const uninstall = async (): Promise<string> =>
  await lab.lab(['helm', 'uninstall', 'kata-deploy', '--namespace', namespace]);

/** Of the install container: `waiting CrashLoopBackOff`, `running`, … */
async function installState(): Promise<string> {
  const text = await lab.kubectl([
    ...['get', 'pods', '--namespace', namespace, '--selector=name=kata-deploy'],
    '--output=jsonpath={.items[*].status.initContainerStatuses[?(@.name=="install")].state}',
  ]);
  return text;
}

async function untilClean(timeoutMs = 420_000): Promise<void> {
  await waitFor({ what: 'the node to be clean', timeoutMs, intervalMs: 1000 }, async () => {
    return Object.keys(await readNodeState(lab, 'n1')).length === 0 ? true : undefined;
  });
  expect(await readTree(lab, 'n1')).toEqual(before);
}

async function untilNoPods(): Promise<void> {
  await waitFor({ what: 'the pods to be gone', timeoutMs: 240_000, intervalMs: 1000 }, async () => {
    const pods = await lab.kubectl(['get', 'pods', '--namespace', namespace, '--output=name']);
    return pods === '' ? true : undefined;
  });
}

beforeAll(async () => {
  await lab.down();
  await lab.up(['--nodes', '1', '--engine', 'containerd-2.2']);
  await lab.lab(['publish']);
  before = await readTree(lab, 'n1');
});

afterAll(async () => {
  await lab.down();
});

test('asleep the pod takes less than a megabyte, and is told to end at once', async () => {
  await install();
  const resident = await lab.onNode('n1', [
    'sh',
    '-c',
    'for p in $(pidof kata-helper); do sed -n "s/^VmRSS:[ \\t]*//p" /proc/$p/status; done',
  ]);
  for (const line of resident.trim().split('\n')) expect(Number.parseInt(line, 10)).toBeLessThan(1024);

  await uninstall();
  await untilClean();
  await untilNoPods();
});

test('uninstalled while the installation fails and is in back-off, what an earlier release left goes', async () => {
  await install();
  await helm('upgrade', refused);
  await waitFor({ what: 'the back-off', timeoutMs: 180_000, intervalMs: 1000 }, async () =>
    (await installState()).includes('CrashLoopBackOff') ? true : undefined,
  );

  await uninstall();

  await untilClean();
  await untilNoPods();
});
