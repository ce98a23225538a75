/** Names the step that finishes a removal later: when its pod has ended, the node has no program to run. */
import { longestEventNote } from '@kata/kube';
import type { AgentConfig } from './context.ts';

/** Begins with a verb. `isPodEnding`: the removal is part of the end of its pod. */
export function cleanupStep(
  { namespace, nodeName, lockDirectory }: Pick<AgentConfig, 'namespace' | 'nodeName' | 'lockDirectory'>,
  isPodEnding: boolean,
): string {
  if (!isPodEnding) return 'run: kata-deploy cleanup';
  // Upstream's chart renders no such pod.
  if (lockDirectory !== undefined) return 'install the chart again, then uninstall it';
  const options = `--namespace ${namespace} --values VALUES --set cleanup.node=${nodeName ?? 'NODE'}`;
  return `apply the cleanup pod of the chart (see its README): helm template RELEASE CHART ${options} --show-only templates/cleanup-pod.yaml | kubectl apply --filename -`;
}

/** Of an Event: a long problem, such as what another program printed, must not cut off the step that follows. */
export function noteWithStep(problem: string, step: string): string {
  const room = longestEventNote - step.length - '; '.length;
  const shortened = problem.length <= room ? problem : `${problem.slice(0, room - 1)}…`;
  return `${shortened}; ${step}`;
}
