/** What the steps of a workflow share. Outputs are files, which the workflow reads as parameters. */
import { Command } from 'commander';
import { openSession, type Session } from '../../session.ts';

export interface StepOptions {
  readonly workflow: string;
  readonly run: string;
  readonly node: string;
  readonly outputs: string;
  readonly nodes: 'all' | 'one';
}

export function step(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .requiredOption('--workflow <uid>', 'uid of the workflow: its pods hold the Lease together');
}

export function stepOfRun(name: string, description: string): Command {
  return step(name, description).requiredOption('--run <name>', 'the run, as "step plan" wrote it');
}

/** The run says where its installation is. */
export async function openRunSession(
  { run: name, workflow }: StepOptions,
  command: Command,
): Promise<readonly [Session, { readonly run: string; readonly workflow: string }]> {
  const { parseRunReference } = await import('@kata/orchestrator');
  const { release, run } = parseRunReference(name);
  return [await openSession(command, { release }), { run, workflow }];
}

export async function writeOutputs(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  const { mkdir, writeFile } = await import('node:fs/promises');
  await mkdir(folder, { recursive: true });
  for (const [name, text] of Object.entries(files)) await writeFile(`${folder}/${name}`, text);
}
