import type { Action, Plan } from '@kata/installer';
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

/** Actions in order; under each that edits a file that was there, or that the engine reads, its unified diff. */
async function formatPlan(plan: Plan): Promise<string> {
  const { describeAction } = await import('@kata/installer');
  const lines = plan.notes.map((note) => `note: ${note}`);
  if (plan.actions.length === 0) return [...lines, 'Nothing to do.'].join('\n');
  for (const action of plan.actions) {
    lines.push(describeAction(action));
    if (action.kind !== 'file.write' && action.kind !== 'file.remove') continue;
    // Generated files of a new release are long, and nobody has seen them before.
    if (action.area === 'engine' || action.before !== undefined) lines.push(await formatDiff(action));
  }
  return lines.join('\n');
}

async function formatDiff(action: Extract<Action, { kind: 'file.write' | 'file.remove' }>): Promise<string> {
  const { createTwoFilesPatch } = await import('diff');
  const after = action.kind === 'file.write' ? action.after : undefined;
  const name = (text: string | undefined): string => (text === undefined ? '/dev/null' : action.path);
  const patch = createTwoFilesPatch(name(action.before), name(after), action.before ?? '', after ?? '');
  // Without the lines that come before the header.
  return patch.slice(patch.indexOf('--- ')).trimEnd();
}
