import type { ResetPlan } from '@kata/node-agent';
import { Command } from 'commander';
import { withHelp } from '../command-help.ts';
import { dryRun, outputOption } from './print-plan.ts';
import { openSession } from './session.ts';

export function resetCommand(): Command {
  const command = new Command('reset')
    .description("take back the node's labels; if no other installation is left, restart the engine")
    .option(...dryRun)
    .addOption(outputOption())
    .action(async (options: { readonly dryRun?: boolean }, self: Command) => {
      const session = await openSession(self);
      const { planReset, reset } = await import('@kata/node-agent');
      const plan = await (options.dryRun === true ? planReset(session) : reset(session));
      session.report.result(formatReset(plan), plan);
    });
  return withHelp(command, {
    exits: { 5: 'the engine did not come back in time' },
    examples: ['kata-deploy reset --dry-run', 'kata-deploy reset'],
  });
}

function formatReset({ labels, annotations, restartsEngine, notes, runningPods }: ResetPlan): string {
  const changes = Object.entries({ ...labels, ...annotations }).map(([name, value]) =>
    value === null ? `remove ${name}` : `set ${name} to ${value}`,
  );
  if (runningPods !== '') {
    return [...changes, `labels that running Kata pods need stay: ${runningPods}`].join('\n');
  }
  const restart = restartsEngine ? 'restart the engine' : 'another installation is left';
  return [...changes, restart, ...notes].join('\n');
}
