/** Pods as kubelet and scheduler report them. */
import type { PodEvent, SeenContainer, SeenContainerState, SeenPod } from '../seen-pod.ts';

export const scheduled: SeenPod = {
  nodeName: 'w-1',
  beingDeleted: false,
  phase: 'Pending',
  reason: '',
  message: '',
  conditions: [{ type: 'PodScheduled', status: 'True', reason: '', message: '' }],
  containers: [],
};

export const running: SeenContainerState = { kind: 'running' };

export function waiting(reason: string, message = ''): SeenContainerState {
  return { kind: 'waiting', reason, message };
}

export function terminated(exitCode: number, reason = 'Error', message = ''): SeenContainerState {
  return { kind: 'terminated', exitCode, signal: undefined, reason, message };
}

export function container(state: SeenContainerState, other: Partial<SeenContainer> = {}): SeenContainer {
  return { name: 'verify', isInit: false, restarts: 0, state, ...other };
}

export function init(state: SeenContainerState, other: Partial<SeenContainer> = {}): SeenContainer {
  return container(state, { name: 'prepare', isInit: true, ...other });
}

/** Its phase is that of kubelet for the states of these containers, without restarts. */
export function podWith(...containers: readonly SeenContainer[]): SeenPod {
  return { ...scheduled, phase: phaseOf(containers), containers };
}

function phaseOf(containers: readonly SeenContainer[]): string {
  const states = containers.filter(({ isInit }) => !isInit).map(({ state }) => state);
  if (states.some(({ kind }) => kind === 'waiting')) return 'Pending';
  if (states.some(({ kind }) => kind === 'running')) return 'Running';
  const hasFailed = states.some((state) => state.kind === 'terminated' && state.exitCode !== 0);
  return hasFailed ? 'Failed' : 'Succeeded';
}

/** `second` is after the creation of the pod at the Unix epoch. */
export function event(second: number, reason: string, message = ''): PodEvent {
  return { reason, message, time: new Date(second * 1000), count: 1 };
}
