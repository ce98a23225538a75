/** The start of every command: the cluster, the installation, and where progress and results go. */
import { systemClock } from '@kata/core';
import type { FleetContext, LifecycleEvent, ReleaseReference } from '@kata/orchestrator';
import type { Emit } from '@kata/report';
import type { Command } from 'commander';

export interface Session extends FleetContext {
  /** `data`: the same for `--output json`. */
  readonly result: (text: string, data: object) => void;
  /** One of several states: a terminal shows the last one; with `--output json`, each is a line. */
  readonly state: (text: string, data: object) => void;
}

export interface SessionOptions {
  /** The command works without an installation, too. */
  readonly mayBeRemoved?: boolean;
  /** Instead of that of the options. */
  readonly release?: ReleaseReference;
}

/** Imports the packages only now, so that `--help` is fast. */
export async function openSession(command: Command, options: SessionOptions = {}): Promise<Session> {
  const { connectCluster } = await import('@kata/kube');
  const { asProgress, findInstallation, lifecycleClient } = await import('@kata/orchestrator');
  const { createEmitter, openReporter } = await import('@kata/report');
  const { release, namespace, progress, output } = command.optsWithGlobals();
  const clock = systemClock;
  const { api } = connectCluster({ client: lifecycleClient, clock });
  const reporter = openReporter<LifecycleEvent>(progress, { stream: process.stderr, clock, asProgress });
  const emitters = new Map<string | undefined, Emit<LifecycleEvent>>();
  return {
    api,
    clock,
    installation: await findInstallation(api, options.release ?? { namespace, release }, options),
    emit: (node) => {
      const known = emitters.get(node) ?? createEmitter(reporter, { ...clock, node });
      emitters.set(node, known);
      return known;
    },
    result: (text, data) => {
      process.stdout.write(output === 'json' ? `${JSON.stringify(data, undefined, 2)}\n` : `${text}\n`);
    },
    state: (text, data) => {
      const clear = process.stdout.isTTY ? '\u001B[H\u001B[2J' : '';
      process.stdout.write(output === 'json' ? `${JSON.stringify(data)}\n` : `${clear}${text}\n\n`);
    },
  };
}
