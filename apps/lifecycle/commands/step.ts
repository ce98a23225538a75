/** `kata-lifecycle step …`: one step of a workflow. */
import { withHelp } from '@kata/report/command-help';
import { Command } from 'commander';
import { finishStep, helmStep, joinStep, nodeStep, prepareStep, settleStep } from './steps/run-steps.ts';
import { planStep, rollbackStep } from './steps/start-steps.ts';

export function stepCommand(): Command {
  const command = new Command('step').description('one step of a workflow, for its pods');
  const ofRun = [helmStep, prepareStep, nodeStep, joinStep, settleStep, finishStep];
  for (const make of [planStep, ...ofRun, rollbackStep]) {
    const one = make();
    command.addCommand(withHelp(one, { examples: [examples[one.name()] ?? ''] }));
  }
  return withHelp(command, { examples: ['kata-lifecycle step node --workflow UID --run RUN --node n1'] });
}

const examples: Readonly<Record<string, string>> = Object.fromEntries(
  [
    'plan --workflow UID --target-version=3.25.0 --verification-pod=BASE64 --outputs /tmp/outputs',
    'helm --workflow UID --run RUN',
    'prepare --workflow UID --run RUN',
    'node --workflow UID --run RUN --node n1',
    'join --workflow UID --run RUN --outputs /tmp/outputs',
    'settle --workflow UID --run RUN --outputs /tmp/outputs',
    'finish --workflow UID --run RUN',
    'rollback --workflow UID --node-name=n1 --verification-pod=BASE64',
  ].map((words) => [words.split(' ')[0], `kata-lifecycle step ${words}`]),
);
