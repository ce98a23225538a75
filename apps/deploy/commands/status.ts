import { Command } from 'commander';
import { withHelp } from '../command-help.ts';
import { type OutputFormat, outputOption } from './print-plan.ts';
import { formatStatus, type Status } from './format-status.ts';
import { openSession, print, type Session } from './session.ts';

export function statusCommand(): Command {
  const command = new Command('status')
    .description('show what is installed here and whether it is served')
    .addOption(outputOption())
    .action(async (options: { readonly output: OutputFormat }, self: Command) => {
      const status = await readStatus(await openSession(self));
      print(options.output === 'json' ? JSON.stringify(status, undefined, 2) : formatStatus(status));
    });
  return withHelp(command, { examples: ['kata-deploy status', 'kata-deploy status --output json'] });
}

/** Served is what the engine lists and a pod can be started with, as in the labels of the node. */
export async function readStatus({ installation, config, host }: Session): Promise<Status> {
  const { confirmServed, isUnresponsive, lostRecordNote, namePods, readUndecided, sandboxNotes } =
    await import('@kata/installer');
  const { prefix } = config.settings;
  const { engine, isRecordRebuilt, record, releases, sandboxView, sandboxes, unfinished } =
    await installation.readKnownFacts();
  const { served, problem } = engine;
  const current = record?.current ?? undefined;
  const handlers = record?.handlers ?? [];
  const usable = served && (await confirmServed({ host, prefix, current, handlers }, served));
  const isSilent = problem !== undefined && isUnresponsive(problem);
  return {
    prefix,
    engine: engine.title,
    engineProblem: problem === undefined ? null : `${isSilent ? 'does not answer: ' : ''}${problem.message}`,
    current: current ?? null,
    previous: record?.previous ?? null,
    releases: [...releases.keys()],
    handlers: handlers.map(({ name }) => ({ name, served: usable?.includes(name) ?? null })),
    sandboxes,
    pods: namePods(sandboxView.running),
    notes: [...(isRecordRebuilt ? [lostRecordNote(current)] : []), ...sandboxNotes(sandboxView)],
    interrupted: unfinished ?? null,
    hold: record?.hold ?? null,
    undecided: (await readUndecided(host, prefix)) ?? null,
  };
}
