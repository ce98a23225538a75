/** Issue 12.21: whoever is away at the end of a pod, somebody decides, and what is there goes, or the node keeps its mark. */
import { setTimeout as sleep } from 'node:timers/promises';
import { waitFor } from '@kata/core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readNodeState } from '../driver/cluster-installer.ts';
import { EngineFault } from '../driver/engine-fault.ts';
import { readTree, readUnitStart, runCleanup, waitForRollout } from '../driver/kata-walk.ts';
import { LabDriver } from '../driver/lab-driver.ts';

const lab = new LabDriver('test-waiter-faults');
const namespace = 'kata';
const version = '3.24.0';
const mark = 'kata-deploy.katacontainers.io/default';
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

async function untilClean(timeoutMs = 800_000): Promise<void> {
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

test('uninstalled while the first installation fails, nothing is left', async () => {
  await helm('install', refused);
  await waitFor({ what: 'the back-off', timeoutMs: 180_000, intervalMs: 1000 }, async () =>
    (await installState()).includes('CrashLoopBackOff') ? true : undefined,
  );

  await uninstall();

  await untilClean();
  await untilNoPods();
});

test('uninstalled while the API server is away for two minutes, the decision waits for it', async () => {
  await install();
  // Of pods only: kubelet hears that its pod is to go.
  const rule = ['FORWARD', '--protocol', 'tcp', '--dport', '6443', '--jump', 'DROP'];
  await lab.onNode('n1', ['iptables', '--insert', ...rule]);
  await uninstall();
  await sleep(120_000);
  expect((await readNodeState(lab, 'n1'))[mark]).toBe('true');

  await lab.onNode('n1', ['iptables', '--delete', ...rule]);

  await untilClean();
  await untilNoPods();
});

test('uninstalled while the engine is stopped, the node keeps its mark, and is cleaned when it runs again', async () => {
  await install();
  await lab.onNode('n1', ['systemctl', 'stop', 'containerd']);
  await uninstall();
  await sleep(20_000);
  expect((await readNodeState(lab, 'n1'))[mark]).toBe('true');

  await lab.onNode('n1', ['systemctl', 'start', 'containerd']);

  await untilClean();
  await untilNoPods();
});

test('uninstalled where the restart of the engine kills its shims, the node keeps its mark', async () => {
  await install();
  await using _ = await EngineFault.put(lab, 'n1', 'KillMode=control-group');
  await lab.onNode('n1', ['systemctl', 'restart', 'containerd']);
  await waitForRollout(lab);
  const start = await readUnitStart(lab, 'n1');

  await uninstall();
  await untilNoPods();

  if ((await readUnitStart(lab, 'n1')) === start) throw new Error('the engine was not restarted');
  expect((await readNodeState(lab, 'n1'))[mark]).toBeDefined();
  await EngineFault.put(lab, 'n1', 'KillMode=process');
  await lab.onNode('n1', ['systemctl', 'restart', 'containerd']);
  await runCleanup(lab, version, 'n1');
  await untilClean();
});
