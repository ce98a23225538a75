/** Why a verification pod failed: its state, Events and logs, as one text of bounded length. */
import { KataError } from '@kata/core';
import type { ApiRequests, ContainerObject, PodObject } from '@kata/kube';
import { listPodEvents, readPodLog } from '@kata/kube/fleet';
import type { FleetContext } from './context.ts';

/** A ConfigMap holds 1 MiB, for all nodes of a run. */
const mostLogBytes = 4096;
/** A kubelet that is dead does not answer later either. */
const logLimits = { overallMs: 10_000 };
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
  const logs = api.with({ limits: logLimits });
  for (const container of pod.containers) lines.push(...(await describeLog(logs, pod, container)));
  return lines.join('\n');
}

/** The log comes from the node. What failed there is no reason to leave it as it is. */
async function describeLog(
  api: ApiRequests,
  { namespace, name }: PodObject,
  { name: container }: ContainerObject,
): Promise<readonly string[]> {
  try {
    const options = { namespace, name, container, tailLines: 100, limitBytes: mostLogBytes };
    const log = (await readPodLog(api, options))?.trimEnd() ?? '';
    return log === '' ? [] : [`  log of ${container}:`, ...log.split('\n').map((line) => `    ${line}`)];
  } catch (error) {
    if (!(error instanceof KataError)) throw error;
    const { cause, message } = error;
    return [`  log of ${container}: not available: ${cause instanceof Error ? cause.message : message}`];
  }
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
