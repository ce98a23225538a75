import type { Plan } from '@kata/installer';
import { Command, Option } from 'commander';
import { openSession, print } from './session.ts';

interface PlanOptions {
  readonly output: 'text' | 'json';
  readonly remove?: boolean;
}

export function planCommand(): Command {
  return new Command('plan')
    .description('show what an installation would change: diffs, and the restarts that it needs')
    .addOption(new Option('--output <format>', 'how to print it').choices(['text', 'json']).default('text'))
    .option('--remove', 'show what a removal would change instead')
    .addHelpText('after', '\nExamples:\n  kata-deploy plan\n  kata-deploy plan --remove --output json')
    .action(async (options: PlanOptions, command: Command) => {
      const session = await openSession(command);
      const plan =
        options.remove === true
          ? (await session.installation.planRemoval()).plan
          : await session.installation.planInstall(await session.payload());
      print(options.output === 'json' ? JSON.stringify(plan, undefined, 2) : await formatPlan(plan));
    });
}

/** Actions in order; under each that edits a file, its unified diff. */
async function formatPlan(plan: Plan): Promise<string> {
  const { describeAction } = await import('@kata/installer');
  const { createTwoFilesPatch } = await import('diff');
  const lines = plan.notes.map((note) => `note: ${note}`);
  if (plan.actions.length === 0) return [...lines, 'Nothing to do.'].join('\n');
  for (const action of plan.actions) {
    lines.push(describeAction(action));
    if (action.kind !== 'file.write' && action.kind !== 'file.remove') continue;
    const after = action.kind === 'file.write' ? action.after : '';
    const patch = createTwoFilesPatch(action.path, action.path, action.before ?? '', after);
    lines.push(patch.split('\n').slice(1).join('\n'));
  }
  return lines.join('\n');
}
