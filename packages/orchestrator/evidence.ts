/** Why a verification pod failed: its state, Events and logs, as one text of bounded length. */
import type { ContainerObject, PodObject } from '@kata/kube';
import { listPodEvents, readPodLog } from '@kata/kube/fleet';
import type { FleetContext } from './context.ts';

/** A ConfigMap holds 1 MiB, for all nodes of a run. */
const mostLogBytes = 4096;
const mostEvents = 20;

/** With the Events of now: the last one may be newer than what the verdict was made from. */
export async function describePod({ api }: Pick<FleetContext, 'api'>, pod: PodObject): Promise<string> {
  const events = await listPodEvents(api, pod);
  const { namespace, name, phase, reason, message } = pod;
  const lines = [
    `pod ${namespace}/${name}: ${[phase, reason, message].filter((part) => part !== '').join(', ')}`,
  ];
  for (const container of pod.containers) lines.push(`  container ${describeContainer(container)}`);
  for (const event of events.slice(-mostEvents)) {
    lines.push(
      `  event ${event.time.toISOString()} ${event.reason} (${event.count} times): ${event.message}`,
    );
  }
  for (const { name: container } of pod.containers) {
    const log = await readPodLog(api, {
      namespace,
      name,
      container,
      tailLines: 100,
      limitBytes: mostLogBytes,
    });
    if (log === undefined || log === '') continue;
    lines.push(
      `  log of ${container}:`,
      ...log
        .trimEnd()
        .split('\n')
        .map((line) => `    ${line}`),
    );
  }
  return lines.join('\n');
}

function describeContainer({ name, state, restarts }: ContainerObject): string {
  const parts =
    state.kind === 'running'
      ? ['running']
      : state.kind === 'waiting'
        ? [`waiting: ${state.reason}`, state.message]
        : [`ended with exit code ${state.exitCode}`, state.reason, state.message];
  return [`${name}: ${parts.filter((part) => part !== '').join(', ')}`, `${restarts} restarts`].join('; ');
}
