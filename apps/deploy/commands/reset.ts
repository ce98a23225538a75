import type { NodeChanges } from '@kata/node';
import { Command } from 'commander';
import { withHelp } from '../command-help.ts';
import { dryRun, type OutputFormat, outputOption } from './print-plan.ts';
import { listOwnPods } from './own-pods.ts';
import { openSession, print, requireNode, type Session, underLock } from './session.ts';

interface ResetOptions {
  readonly dryRun?: boolean;
  readonly output: OutputFormat;
}

interface ResetPlan extends NodeChanges {
  /** Only when no other installation is left on the node. */
  readonly restartsEngine: boolean;
  /** What a person should know of that restart. */
  readonly notes: readonly string[];
  /** Names of pods whose labels stay. */
  readonly runningPods: string;
}

export function resetCommand(): Command {
  const command = new Command('reset')
    .description("take back the node's labels; if no other installation is left, restart the engine")
    .option(...dryRun)
    .addOption(outputOption())
    .action(async (options: ResetOptions, self: Command) => {
      const session = await openSession(self);
      const plan =
        options.dryRun === true
          ? await planReset(session)
          : await underLock(session, 'reset', async () => await reset(session));
      print(options.output === 'json' ? JSON.stringify(plan, undefined, 2) : formatReset(plan));
    });
  return withHelp(command, {
    exits: { 5: 'the engine did not come back in time' },
    examples: ['kata-deploy reset --dry-run', 'kata-deploy reset'],
  });
}

async function reset(session: Session): Promise<ResetPlan> {
  const { connectCluster } = await import('@kata/kube');
  const plan = await planReset(session);
  const { labels, annotations, restartsEngine } = plan;
  await connectCluster().patchNode(requireNode(session.config), { labels, annotations });
  if (restartsEngine) await session.installation.restartEngine();
  return plan;
}

async function planReset(session: Session): Promise<ResetPlan> {
  const { config, installation } = session;
  const { connectCluster } = await import('@kata/kube');
  const { decideSharedLabel, neededLabels, removedChanges } = await import('@kata/node');
  const { emptyRecord, namePods, uniteSandboxes, usedHandlers } = await import('@kata/installer');
  const { instanceLabel } = await import('@kata/kata');
  const cluster = connectCluster();
  const node = await cluster.readNode(requireNode(config));
  const { suffix } = config.settings;
  const { record, sandboxView, engine } = await installation.readFacts();
  const { handlers } = record ?? emptyRecord;
  const bound = await listOwnPods(session, { cluster, name: node.name }, record ?? emptyRecord);
  const running = uniteSandboxes(sandboxView.running, bound);
  if (running.length > 0) {
    const used = usedHandlers(
      running,
      handlers.map(({ name }) => name),
    );
    const labels = neededLabels(suffix, { handlers, used, served: engine.served });
    return { labels, annotations: {}, restartsEngine: false, notes: [], runningPods: namePods(running) };
  }
  const ownMark = instanceLabel(suffix);
  const shared = decideSharedLabel({ nodeLabels: node.labels, ownMark, hasLegacy: false });
  const restartsEngine = shared === 'remove';
  return {
    ...removedChanges(node, suffix, handlers, false),
    restartsEngine,
    notes: restartsEngine ? (await installation.planRestart()).notes : [],
    runningPods: '',
  };
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
