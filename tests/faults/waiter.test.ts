/** Issue 12.21: with API server or engine unavailable at the end of a pod, Kata is still removed, or the node keeps its label. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { readNodeState } from '../driver/cluster-installer.ts';
import { EngineFault } from '../driver/engine-fault.ts';
import { readUnitStart, runCleanup, waitForRollout } from '../driver/kata-steps.ts';
import { LabDriver } from '../driver/lab-driver.ts';
import { graceMs, trialVersion, WaiterTrial } from '../driver/waiter-trial.ts';

const lab = new LabDriver('test-waiter-faults');
const mark = 'kata-deploy.katacontainers.io/default';
const cleanMs = 800_000;

let trial: WaiterTrial;

beforeAll(async () => {
  trial = await WaiterTrial.start(lab);
});

afterEach(async () => {
  await trial.end();
});

afterAll(async () => {
  await lab.down();
});

test('uninstall while the first installation fails leaves nothing', async () => {
  await trial.fail('install');

  await trial.uninstall();

  await trial.untilClean(cleanMs);
  await trial.untilNoPods();
});

test('uninstall while the API server is unreachable for two minutes: the decision waits for it', async () => {
  await trial.install();
  // For pods only: kubelet still learns that its pod is deleted.
  const rule = ['FORWARD', '--protocol', 'tcp', '--dport', '6443', '--jump', 'DROP'];
  await lab.onNode('n1', ['iptables', '--insert', ...rule]);
  await trial.uninstall();
  await sleep(120_000);
  expect((await readNodeState(lab, 'n1'))[mark]).toBe('true');

  await lab.onNode('n1', ['iptables', '--delete', ...rule]);

  await trial.untilClean(cleanMs);
  await trial.untilNoPods();
});

test('uninstall while the engine is stopped: the node keeps its label, and is cleaned up when the engine runs again', async () => {
  await trial.install();
  await lab.onNode('n1', ['systemctl', 'stop', 'containerd']);
  await trial.uninstall();
  await sleep(20_000);
  expect((await readNodeState(lab, 'n1'))[mark]).toBe('true');

  await lab.onNode('n1', ['systemctl', 'start', 'containerd']);

  // The waiter decides without SIGTERM: kubelet would send it only after the grace period, with two seconds left.
  await trial.untilClean(120_000);
  await trial.untilNoPods(graceMs + 60_000);
});

test('uninstall where a restart of the engine kills its shims: the node keeps its label', async () => {
  await trial.install();
  await using _ = await EngineFault.inject(lab, 'n1', 'KillMode=control-group');
  await lab.onNode('n1', ['systemctl', 'restart', 'containerd']);
  await waitForRollout(lab);
  const start = await readUnitStart(lab, 'n1');

  await trial.uninstall();
  await trial.untilNoPods();

  if ((await readUnitStart(lab, 'n1')) === start) throw new Error('the engine was not restarted');
  expect((await readNodeState(lab, 'n1'))[mark]).toBeDefined();
  await EngineFault.inject(lab, 'n1', 'KillMode=process');
  await lab.onNode('n1', ['systemctl', 'restart', 'containerd']);
  await runCleanup(lab, trialVersion, 'n1');
  await trial.untilClean(cleanMs);
});
