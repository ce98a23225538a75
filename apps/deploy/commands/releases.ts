import { Command } from 'commander';
import type { ReleaseUsage } from '@kata/installer';
import { withHelp } from '@kata/report/command-help';
import { listenForTermination } from '../termination.ts';
import { dryRun, type OutputFormat, outputOption, printPlan } from './print-plan.ts';
import { openSession, print } from './session.ts';

export function releasesCommand(): Command {
  const command = new Command('releases')
    .description('list the releases in the store, or remove unused ones')
    .addCommand(listCommand())
    .addCommand(pruneCommand());
  return withHelp(command, { examples: ['kata-deploy releases list', 'kata-deploy releases prune'] });
}

function listCommand(): Command {
  const command = new Command('list')
    .description('show each release, its size and its users')
    .addOption(outputOption())
    .action(async (options: { readonly output: OutputFormat }, self: Command) => {
      const { installation, report } = await openSession(self);
      const { sandboxNotes } = await import('@kata/installer');
      const { sandboxView } = await installation.readKnownFacts();
      for (const note of sandboxNotes(sandboxView)) report.note(note);
      const releases = await installation.listReleases();
      print(
        options.output === 'json' ? JSON.stringify({ releases }, undefined, 2) : await formatUsages(releases),
      );
    });
  return withHelp(command, {
    examples: [
      'kata-deploy releases list',
      "kata-deploy releases list --output json | jq '.releases[] | {id, role}'",
    ],
  });
}

function pruneCommand(): Command {
  const command = new Command('prune')
    .description(
      'remove releases that are neither active, nor the rollback target, nor used by a running pod',
    )
    .option(...dryRun)
    .addOption(outputOption())
    .action(async (options: { readonly dryRun?: boolean; readonly output: OutputFormat }, self: Command) => {
      using termination = listenForTermination();
      const session = await openSession(self, { signal: termination.signal });
      const { installation } = session;
      const { underLock } = await import('@kata/node-agent/machine');
      const plan =
        options.dryRun === true
          ? await installation.planPrune()
          : await underLock(session, 'releases prune', async () => await installation.prune());
      for (const note of options.dryRun === true ? [] : plan.notes) session.report.note(note);
      if (options.dryRun === true || options.output === 'json') await printPlan(plan, options.output);
      else print(`Releases removed: ${plan.actions.length}.`);
    });
  return withHelp(command, {
    exits: { 3: 'another command was interrupted; run that command again first' },
    examples: ['kata-deploy releases prune --dry-run', 'kata-deploy releases prune'],
  });
}

async function formatUsages(releases: readonly ReleaseUsage[]): Promise<string> {
  if (releases.length === 0) return 'No releases.';
  const { formatTable } = await import('@kata/report');
  const rows = releases.map(({ id, version, role, ownBytes, sharedBytes, sandboxes, damaged }) => [
    id,
    version ?? '?',
    damaged === null ? (role ?? '') : 'damaged',
    `${megabytes(ownBytes)} MB`,
    `${megabytes(sharedBytes)} MB`,
    sandboxes.length === 0 ? 'none' : sandboxes.map((name) => name.slice(0, 12)).join(', '),
  ]);
  return formatTable([['RELEASE', 'VERSION', 'ROLE', 'OWN', 'SHARED', 'SANDBOXES'], ...rows]);
}

const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1);
