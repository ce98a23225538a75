import type { Undecided } from '@kata/installer';
import { Command } from 'commander';
import { withHelp } from '../command-help.ts';
import { type OutputFormat, outputOption } from './print-plan.ts';
import { openSession, print } from './session.ts';

export function statusCommand(): Command {
  const command = new Command('status')
    .description('show what is installed here and whether it is served')
    .addOption(outputOption())
    .action(async (options: { readonly output: OutputFormat }, self: Command) => {
      const { installation, config, host } = await openSession(self);
      const facts = await installation.readFacts();
      const { readUndecided } = await import('@kata/installer');
      const served = facts.engine.served ?? [];
      const status = {
        prefix: config.settings.prefix,
        engine: facts.engine.title,
        current: facts.record?.current ?? null,
        previous: facts.record?.previous ?? null,
        releases: [...facts.releases.keys()],
        handlers: (facts.record?.handlers ?? []).map(({ name }) => ({ name, served: served.includes(name) })),
        sandboxes: facts.sandboxes,
        interrupted: facts.unfinished ?? null,
        undecided: (await readUndecided(host, config.settings.prefix)) ?? null,
      };
      print(options.output === 'json' ? JSON.stringify(status, undefined, 2) : formatStatus(status));
    });
  return withHelp(command, { examples: ['kata-deploy status', 'kata-deploy status --output json'] });
}

interface Status {
  readonly prefix: string;
  readonly engine: string;
  readonly current: string | null;
  readonly previous: string | null;
  readonly releases: readonly string[];
  readonly handlers: readonly { readonly name: string; readonly served: boolean }[];
  readonly sandboxes: readonly string[];
  readonly interrupted: string | null;
  /** Its pod was told to end, and could not find out whether the installation shall go. */
  readonly undecided: Undecided | null;
}

function formatStatus(status: Status): string {
  if (status.current === null) return `Nothing is installed in ${status.prefix} (${status.engine}).`;
  const handlers = status.handlers.map(({ name, served }) => `${name} ${served ? 'served' : 'NOT served'}`);
  return [
    `Installation  ${status.prefix}, on ${status.engine}`,
    `Release       ${status.current}`,
    `Rollback to   ${status.previous ?? 'none'}`,
    `Handlers      ${handlers.join(', ') || 'none'}`,
    `Sandboxes     ${status.sandboxes.length} living`,
    ...(status.interrupted === null ? [] : [`Interrupted   ${status.interrupted}`]),
    ...(status.undecided === null ? [] : formatUndecided(status.undecided)),
  ].join('\n');
}

function formatUndecided({ since, reason }: Undecided): readonly string[] {
  return [
    `Undecided     since ${since}, whether it shall be removed: ${reason}`,
    '              next: kata-deploy install --once to keep it, kata-deploy cleanup to remove it',
  ];
}
