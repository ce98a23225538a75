/** What a verification pod that has not ended is waiting for, and which failure that is when time is up. */
import type { FailureWord } from './failure.ts';
import type { PodEvent, SeenContainer, SeenPod } from './seen-pod.ts';
import { withDetail } from './with-detail.ts';

export interface DelayCause {
  readonly word: FailureWord;
  /** A main clause. */
  readonly text: string;
}

type Waiting = SeenContainer & { readonly state: { readonly kind: 'waiting' } };

const imageReasons: readonly string[] = [
  'ErrImagePull',
  'ImagePullBackOff',
  'ImageInspectError',
  'InvalidImageName',
  'ErrImageNeverPull',
  'RegistryUnavailable',
  'SignatureValidationFailed',
];

/** Of containers that wait for others, or for the sandbox. */
const ordinaryReasons: readonly string[] = ['', 'ContainerCreating', 'PodInitializing'];

/** Events about what comes before the containers. */
const startProblems: readonly string[] = [
  'FailedCreatePodSandBox',
  'FailedPodSandBoxStatus',
  'FailedCreatePodContainer',
  'FailedMount',
  'FailedAttachVolume',
  'FailedMapVolume',
  'FailedPrepareDynamicResources',
  'FailedSync',
  'NetworkNotReady',
];

/** `pulling`: the image that is being pulled. */
export function delayCause(
  pod: SeenPod,
  events: readonly PodEvent[],
  pulling: string | undefined,
): DelayCause {
  if (pod.nodeName === undefined) return unscheduled(pod);
  if (pod.phase === 'Unknown' || pod.reason === 'NodeLost') {
    return { word: 'timed-out', text: withDetail('its node does not report', pod.message) };
  }
  if (pulling !== undefined) return { word: 'image', text: `image "${pulling}" is still being pulled` };
  const waiting = pod.containers.filter(isWaiting);
  const stuck = waiting.find(({ state }) => !ordinaryReasons.includes(state.reason));
  if (stuck !== undefined) return ofWaiting(stuck);
  const mayBeHeldUp = waiting.length > 0 || pod.containers.length === 0;
  return (mayBeHeldUp ? lastStartProblem(events) : undefined) ?? ofContainers(pod);
}

/** Why the image of a container cannot be pulled. kubelet goes on trying. */
export function imageProblem(containers: readonly SeenContainer[]): string | undefined {
  const waiting = containers.filter(isWaiting).find(({ state }) => imageReasons.includes(state.reason));
  return waiting === undefined ? undefined : withDetail(waiting.state.reason, waiting.state.message);
}

/** Whether an image can be what the pod waits for. */
export function awaitsImage({ containers }: SeenPod): boolean {
  return containers.some(
    (one) => isWaiting(one) && [...ordinaryReasons, ...imageReasons].includes(one.state.reason),
  );
}

function isWaiting(container: SeenContainer): container is Waiting {
  return container.state.kind === 'waiting';
}

function unscheduled({ conditions }: SeenPod): DelayCause {
  const scheduled = conditions.find(({ type, status }) => type === 'PodScheduled' && status === 'False');
  if (scheduled === undefined) return { word: 'timed-out', text: 'no scheduler has taken it' };
  const { reason, message } = scheduled;
  const word = reason === 'SchedulerError' ? 'timed-out' : 'no-room';
  return { word, text: withDetail('it is not scheduled', reason, message) };
}

function ofWaiting({ name, state: { reason, message } }: Waiting): DelayCause {
  if (imageReasons.includes(reason)) {
    const text = withDetail(`the image of container "${name}" cannot be pulled`, reason, message);
    return { word: 'image', text };
  }
  return { word: 'not-started', text: withDetail(`container "${name}" cannot be started`, reason, message) };
}

/** Unless a container has started since. */
function lastStartProblem(events: readonly PodEvent[]): DelayCause | undefined {
  const byTime = events.toSorted((a, b) => a.time.getTime() - b.time.getTime());
  const startedMs = byTime.findLast(({ reason }) => reason === 'Started')?.time.getTime();
  const problem = byTime.findLast(({ reason }) => startProblems.includes(reason));
  if (problem === undefined || (startedMs ?? Number.NEGATIVE_INFINITY) >= problem.time.getTime()) {
    return undefined;
  }
  const text = withDetail('it cannot be started', problem.reason, problem.message);
  return { word: 'not-started', text };
}

function ofContainers({ containers }: SeenPod): DelayCause {
  if (containers.length === 0) return { word: 'timed-out', text: 'kubelet has not reported about it' };
  const running = containers.find(({ state }) => state.kind === 'running');
  if (running !== undefined) {
    return { word: 'timed-out', text: `container "${running.name}" is still running` };
  }
  const created = containers.find(isWaiting);
  if (created !== undefined) {
    return { word: 'not-started', text: `container "${created.name}" has not been created` };
  }
  return { word: 'timed-out', text: 'its containers ended, but kubelet has not reported its end' };
}
