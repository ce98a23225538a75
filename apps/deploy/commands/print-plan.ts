/** A plan for a person or a program: actions in order, with diffs. */
import type { Action, Plan } from '@kata/installer';
import { Option } from 'commander';
import { print } from './session.ts';

export type OutputFormat = 'text' | 'json';

export function outputOption(meaning = 'how to print it'): Option {
  return new Option('--output <format>', meaning).choices(['text', 'json']).default('text');
}

export const planOutput = 'how --dry-run prints its plan';

export const dryRun = ['--dry-run', 'only print what would be done'] as const;

export async function printPlan(plan: Plan, output: OutputFormat = 'text'): Promise<void> {
  print(output === 'json' ? JSON.stringify(plan, undefined, 2) : await formatPlan(plan));
}

/** Under each action that edits a file that was there, or that the engine reads, its unified diff. */
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
