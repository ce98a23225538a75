/** Issue 12.21: whatever the state of the installation, the waiter decides at the end of the pod, and uninstall removes everything. */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { LabDriver } from '../driver/lab-driver.ts';
import { WaiterTrial } from '../driver/waiter-trial.ts';

const lab = new LabDriver('test-waiter');
const cleanMs = 420_000;

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

test('the sleeping pod takes less than a megabyte, and uninstall removes everything', async () => {
  await trial.install();
  const resident = await lab.onNode('n1', [
    'sh',
    '-c',
    'for p in $(pidof kata-helper); do sed -n "s/^VmRSS:[ \\t]*//p" /proc/$p/status; done',
  ]);
  for (const line of resident.trim().split('\n')) expect(Number.parseInt(line, 10)).toBeLessThan(1024);

  await trial.uninstall();
  await trial.untilClean(cleanMs);
  await trial.untilNoPods();
});

test('uninstall while an upgrade is in back-off removes the earlier release', async () => {
  await trial.install();
  await trial.fail('upgrade');

  await trial.uninstall();

  await trial.untilClean(cleanMs);
  await trial.untilNoPods();
});
