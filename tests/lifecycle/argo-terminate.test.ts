/** `argo terminate` in each step of a workflow: the same command, submitted again, goes on. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ArgoDriver } from '../driver/argo.ts';
import { stepMoments, submitUntil } from '../driver/interrupt-step.ts';
import { LabDriver } from '../driver/lab-driver.ts';
import { verificationPod } from '../driver/lifecycle.ts';
import { monitor, otherVersion } from '../driver/monitor.ts';

const lab = new LabDriver('argo-terminate');
const argo = new ArgoDriver(lab);

beforeAll(async () => {
  await argo.begin(['containerd-2.2'], '3.24.0', verificationPod('uname -a'));
});

afterAll(async () => {
  await lab.down();
});

test.each(stepMoments)('terminated in step $step, $when', async (moment) => {
  const version = await otherVersion(lab);
  const command = ['-p', `target-version=${version}`];
  const { workflow, process } = await submitUntil(lab, argo, command, moment);

  await argo.terminate(workflow);
  process.continue();

  const ended = await argo.end(workflow);
  expect(ended).toMatchObject({ phase: 'Failed', message: "Stopped with strategy 'Terminate'" });
  const again = await argo.run(command);
  expect(again.phase, await argo.logs(again.name)).toBe('Succeeded');
  expect(await monitor(lab)).toEqual([`n1 Ready true completed ${version}`]);
});
