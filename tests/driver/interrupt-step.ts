/** Moments in the steps of a workflow in which it is interrupted. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type ArgoDriver, kataNamespace } from './argo.ts';
import type { LabDriver } from './lab-driver.ts';
import { type StepProcess, waitForStep } from './step-process.ts';
import { readPhase } from './until-phase.ts';

export interface StepMoment {
  readonly step: string;
  readonly when: string;
  /** Left out: at once. */
  readonly isThere?: (lab: LabDriver, process: StepProcess) => boolean | Promise<boolean>;
}

/** Each step of an upgrade once, in the midst of what it does. */
export const stepMoments: readonly StepMoment[] = [
  {
    ...{ step: 'plan', when: 'while it runs Helm' },
    isThere: (_, process) => process.runs('helm'),
  },
  {
    ...{ step: 'helm', when: 'while Helm upgrades the release' },
    isThere: async (lab) => (await readPending(lab)) !== '',
  },
  { step: 'prepare', when: 'at its start' },
  {
    ...{ step: 'node', when: 'while the node is verified' },
    isThere: async (lab) => (await readPhase(lab, 'n1')) === 'verifying',
  },
  { step: 'join', when: 'at its start' },
  { step: 'settle', when: 'at its start' },
  { step: 'finish', when: 'at its start' },
];

/** Waits for the moment. The step is stopped then, with what it has started, until `continue`. */
async function untilStep(
  lab: LabDriver,
  workflow: string,
  { step, when, isThere = () => true }: StepMoment,
): Promise<StepProcess> {
  const process = await waitForStep({ workflow, step });
  for (;;) {
    process.stop();
    if (await isThere(lab, process)) return process;
    process.continue();
    if (!process.isRunning) throw new Error(`step ${step} ended before it could be interrupted ${when}`);
    await sleep(150);
  }
}

export async function submitUntil(
  lab: LabDriver,
  argo: ArgoDriver,
  words: readonly string[],
  moment: StepMoment,
): Promise<{ readonly workflow: string; readonly process: StepProcess }> {
  const workflow = await argo.submit(words);
  return { workflow, process: await untilStep(lab, await argo.uidOf(workflow), moment) };
}

/** Helm's record of an upgrade that has begun. */
async function readPending(lab: LabDriver): Promise<string> {
  return await lab.kubectl([
    ...['get', 'secrets', '--namespace', kataNamespace, '--output=name'],
    '--selector=owner=helm,name=kata-deploy,status=pending-upgrade',
  ]);
}
