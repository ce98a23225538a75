/** Issue 12.21: whoever is away at the end of a pod, somebody decides, and what is there goes, or the node keeps its mark. */
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

test('uninstalled while the first installation fails, nothing is left', async () => {
  await trial.fail('install');

  await trial.uninstall();

  await trial.untilClean(cleanMs);
  await trial.untilNoPods();
});

test('uninstalled while the API server is away for two minutes, the decision waits for it', async () => {
  await trial.install();
  // Of pods only: kubelet hears that its pod is to go.
  const rule = ['FORWARD', '--protocol', 'tcp', '--dport', '6443', '--jump', 'DROP'];
  await lab.onNode('n1', ['iptables', '--insert', ...rule]);
  await trial.uninstall();
  await sleep(120_000);
  expect((await readNodeState(lab, 'n1'))[mark]).toBe('true');

  await lab.onNode('n1', ['iptables', '--delete', ...rule]);

  await trial.untilClean(cleanMs);
  await trial.untilNoPods();
});

test('uninstalled while the engine is stopped, the node keeps its mark, and is cleaned when it runs again', async () => {
  await trial.install();
  await lab.onNode('n1', ['systemctl', 'stop', 'containerd']);
  await trial.uninstall();
  await sleep(20_000);
  expect((await readNodeState(lab, 'n1'))[mark]).toBe('true');

  await lab.onNode('n1', ['systemctl', 'start', 'containerd']);

  // The waiter decides by itself: kubelet would end it only when the grace has passed, with two seconds left.
  await trial.untilClean(120_000);
  await trial.untilNoPods(graceMs + 60_000);
});

test('uninstalled where the restart of the engine kills its shims, the node keeps its mark', async () => {
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
