/** Each step of an upgrade through Argo Workflows: its pod is killed once, and Argo's controller once. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ArgoDriver } from '../driver/argo.ts';
import { stepMoments, submitUntil } from '../driver/interrupt-step.ts';
import { LabDriver } from '../driver/lab-driver.ts';
import { verificationPod } from '../driver/lifecycle.ts';
import { monitor, otherVersion } from '../driver/monitor.ts';

const lab = new LabDriver('crash-argo');
const argo = new ArgoDriver(lab);

/** Where another step finishes the run, or where Argo has made the pod again before it reported its loss. */
const goesOn = 'Succeeded';
/** The same command finishes the run. After `prepare` nothing is left of it: no node was changed, and Helm has returned. */
const needsAgain = 'Failed';

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** Right release and phase, uncordoned, no verification pod. */
async function expectUpgraded(version: string, what: string): Promise<void> {
  expect(await monitor(lab), what).toEqual([`n1 Ready true completed ${version}`]);
  expect(
    await lab.kubectl(['get', 'pods', '--selector=katacontainers.io/kata-lifecycle-run', '--output=name']),
  ).toBe('');
}

beforeAll(async () => {
  await argo.begin(['containerd-2.2'], '3.24.0', verificationPod('uname -a'));
});

afterAll(async () => {
  await lab.down();
});

test.each(stepMoments)('the pod of step $step is killed $when', async (moment) => {
  const version = await otherVersion(lab);
  const command = ['-p', `target-version=${version}`];
  const { workflow } = await submitUntil(lab, argo, command, moment);

  await argo.untilSeen(workflow, moment.step);
  for (const pod of await argo.runningPods(workflow)) {
    await lab.kubectl(['delete', 'pod', pod, '--namespace=argo', '--grace-period=0', '--force']);
  }

  const { phase, message } = await argo.end(workflow);
  say(`pod of step ${moment.step} killed ${moment.when}: workflow ${phase} ${message}`);
  const expected = moment.step === 'node' ? [goesOn] : [goesOn, needsAgain];
  expect(expected, await argo.logs(workflow)).toContain(phase);
  if (phase === needsAgain) {
    const again = await argo.run(command);
    expect(again.phase, await argo.logs(again.name)).toBe(goesOn);
  }
  await expectUpgraded(version, moment.step);
});

test.each(stepMoments)('the controller is killed in step $step, $when', async (moment) => {
  const version = await otherVersion(lab);
  const { workflow, process } = await submitUntil(lab, argo, ['-p', `target-version=${version}`], moment);

  await lab.onNode('control', ['systemctl', 'kill', '--signal=SIGKILL', 'workflow-controller']);
  process.continue();

  const { phase } = await argo.end(workflow);
  say(`controller killed in step ${moment.step} ${moment.when}: workflow ${phase}`);
  expect(phase, await argo.logs(workflow)).toBe(goesOn);
  await expectUpgraded(version, moment.step);
});
