/** `kata-lifecycle verify`: runs only the user's pod. */
import { exitCodes } from '@kata/core';
import { withHelp } from '@kata/report/command-help';
import { Command } from 'commander';
import { addRunOptions, podParameters, readRunOptions } from '../run-options.ts';
import { openSession } from '../session.ts';

export function verifyCommand(): Command {
  const command = new Command('verify')
    .description('run your verification pod on nodes as they are: no cordon, no approval')
    .argument('<nodes...>', 'names of the nodes')
    .action(async (nodes: readonly string[], _options: object, self: Command) => {
      const { formatVerdicts, parseNodeParameters, verifyNodes } = await import('@kata/orchestrator');
      const { verification } = parseNodeParameters(await readRunOptions(self));
      const session = await openSession(self);
      const verdicts = await verifyNodes(session, { nodes, verification });
      session.result(formatVerdicts(verdicts), { nodes: verdicts });
      if (verdicts.some(({ verdict }) => verdict === 'failed')) process.exitCode = exitCodes.verification;
    });
  return withHelp(addRunOptions(command, podParameters), {
    exits: { 7: 'the pod failed on a node: the output has its state, Events and log' },
    examples: [
      'kata-lifecycle verify n1 n2 --verification-pod pod.yaml',
      'kata-lifecycle verify n1   # with the pod of the last run',
    ],
  });
}
