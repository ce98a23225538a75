/** Prints a plan as text or JSON: actions in order, with diffs. */
import type { Action, FileChange, Plan, RemovalPlan } from '@kata/installer';
import { Option } from 'commander';
import { print } from './session.ts';

export type OutputFormat = 'text' | 'json';

export function outputOption(meaning = 'output format'): Option {
  return new Option('--output <format>', meaning).choices(['text', 'json']).default('text');
}

export const planOutput = 'output format of --dry-run';

export const dryRun = ['--dry-run', 'show what would be done; change nothing'] as const;

export async function printPlan(plan: Plan | RemovalPlan, output: OutputFormat = 'text'): Promise<void> {
  print(output === 'json' ? JSON.stringify(plan, undefined, 2) : await formatPlan(plan));
}

/** With a unified diff for each action that changes an existing file, or a file that the engine reads. */
async function formatPlan(plan: Plan & Partial<RemovalPlan>): Promise<string> {
  const { describeAction, describeNoAction } = await import('@kata/installer');
  const lines = plan.notes.map((note) => `note: ${note}`);
  if (plan.actions.length === 0) lines.push(describeNoAction(plan));
  for (const action of [...plan.actions, ...(plan.later ?? [])]) {
    lines.push(describeAction(action));
    for (const change of changesOf(action)) lines.push(await formatDiff(change));
  }
  return lines.join('\n');
}

function changesOf(action: Action): readonly FileChange[] {
  // Generated files of a new handler are long, and there is nothing to compare them with.
  if (action.kind === 'release.write') return action.changes.filter(({ before }) => before !== undefined);
  if (action.kind === 'file.remove') return [{ ...action, after: undefined }];
  if (action.kind !== 'file.write') return [];
  return action.area === 'engine' || action.before !== undefined ? [action] : [];
}

async function formatDiff({ path, before, after }: FileChange): Promise<string> {
  const { createTwoFilesPatch } = await import('diff');
  const name = (text: string | undefined): string => (text === undefined ? '/dev/null' : path);
  const patch = createTwoFilesPatch(name(before), name(after), before ?? '', after ?? '');
  // Without the lines that come before the header.
  return patch.slice(patch.indexOf('--- ')).trimEnd();
}
