import type { ResetPlan } from '@kata/node-agent';
import { Command } from 'commander';
import { withHelp } from '@kata/report/command-help';
import { dryRun, outputOption } from './print-plan.ts';
import { openSession } from './session.ts';

export function resetCommand(): Command {
  const command = new Command('reset')
    .description("remove the node's labels; if no other installation remains, restart the container runtime")
    .option(...dryRun)
    .addOption(outputOption())
    .action(async (options: { readonly dryRun?: boolean }, self: Command) => {
      const session = await openSession(self);
      const { planReset, reset } = await import('@kata/node-agent');
      const plan = await (options.dryRun === true ? planReset(session) : reset(session));
      session.report.result(formatReset(plan), plan);
    });
  return withHelp(command, {
    exits: { 5: 'timed out waiting for the container runtime to start again' },
    examples: ['kata-deploy reset --dry-run', 'kata-deploy reset'],
  });
}

function formatReset({ labels, annotations, restartsEngine, notes, runningPods }: ResetPlan): string {
  const changes = Object.entries({ ...labels, ...annotations }).map(([name, value]) =>
    value === null ? `remove ${name}` : `set ${name} to ${value}`,
  );
  if (runningPods !== '') {
    return [...changes, `labels that running Kata pods need are retained: ${runningPods}`].join('\n');
  }
  const restart = restartsEngine
    ? 'restart the container runtime'
    : 'no restart: another installation remains';
  return [...changes, restart, ...notes].join('\n');
}
