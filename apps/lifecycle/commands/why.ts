/** `kata-lifecycle why`: everything that is known about one node. */
import { withHelp } from '@kata/report/command-help';
import { Command } from 'commander';
import { openSession } from '../session.ts';

export function whyCommand(): Command {
  const command = new Command('why')
    .description('show why a node is as it is, the evidence of its verification pods, and the next command')
    .argument('<node>', 'name of the node')
    .action(async (node: string, _options: object, self: Command) => {
      const session = await openSession(self);
      const { explainNode, formatExplanation } = await import('@kata/orchestrator');
      const explanation = await explainNode(session, node);
      session.result(formatExplanation(explanation), explanation);
    });
  return withHelp(command, {
    exits: { 2: 'there is no such node' },
    examples: ['kata-lifecycle why n2', 'kata-lifecycle why n2 --output json'],
  });
}
