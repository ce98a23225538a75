/** How a verification pod ended, or why it certainly will not succeed. */
import { containerFailure } from './container-failure.ts';
import type { Failure } from './failure.ts';
import type { PodEvent, SeenPod } from './seen-pod.ts';
import { withDetail } from './with-detail.ts';

/** Undefined: it succeeded, or may still succeed. `node` is where it belongs. */
export function failureOf(pod: SeenPod, events: readonly PodEvent[], node: string): Failure | undefined {
  if (pod.beingDeleted) return deletion(pod, events);
  if (pod.nodeName !== undefined && pod.nodeName !== node) {
    const predicate = `was bound to node "${pod.nodeName}" instead`;
    return { word: 'not-started', predicate, mayRetry: false };
  }
  if (pod.phase === 'Failed') return ofFailedPod(pod);
  return containerFailure(pod) ?? hopelessImage(pod);
}

/** Of a pod that no longer exists. */
export function absence(events: readonly PodEvent[]): Failure {
  return {
    word: hasStartedBy(events) ? 'crashed' : 'not-started',
    predicate: 'was deleted before its end was seen',
    mayRetry: true,
  };
}

/** A pod that is being deleted may still report success, when its process ends well on SIGTERM: too early, so it fails. */
function deletion({ conditions, containers }: SeenPod, events: readonly PodEvent[]): Failure {
  const disruption = conditions.find(({ type, status }) => type === 'DisruptionTarget' && status === 'True');
  const hasStarted = containers.some(({ state }) => state.kind !== 'waiting') || hasStartedBy(events);
  const { reason = '', message = '' } = disruption ?? {};
  return {
    word: reason === 'PreemptionByScheduler' ? 'no-room' : hasStarted ? 'crashed' : 'not-started',
    predicate: withDetail('was deleted before it ended', reason, message),
    mayRetry: true,
  };
}

function hasStartedBy(events: readonly PodEvent[]): boolean {
  return events.some(({ reason }) => reason === 'Started');
}

/** By `status.reason`. */
const knownEnds: Readonly<Record<string, Failure>> = {
  Evicted: { word: 'no-room', predicate: 'was evicted by kubelet', mayRetry: true },
  Preempting: { word: 'no-room', predicate: 'was preempted by kubelet', mayRetry: true },
  Terminated: { word: 'crashed', predicate: 'was ended by a shutdown of the node', mayRetry: true },
  NodeLost: { word: 'timed-out', predicate: 'was lost with its node', mayRetry: true },
  DeadlineExceeded: {
    word: 'timed-out',
    predicate: 'was ended by its own activeDeadlineSeconds',
    mayRetry: false,
  },
};

function ofFailedPod(pod: SeenPod): Failure {
  const known = knownEnds[pod.reason];
  if (known !== undefined) return { ...known, predicate: withDetail(known.predicate, pod.message) };
  const failure = containerFailure(pod);
  if (failure !== undefined) return failure;
  const reason = pod.message.replace(/^Pod was rejected: /, '');
  if (pod.containers.every(({ state }) => state.kind === 'waiting')) {
    return {
      word: 'no-room',
      predicate: withDetail('was rejected by kubelet', pod.reason, reason),
      mayRetry: true,
    };
  }
  return {
    word: 'crashed',
    predicate: withDetail('failed without a failed container', pod.reason, reason),
    mayRetry: true,
  };
}

/** kubelet repeats other image errors, and may succeed. */
const hopeless: readonly string[] = ['InvalidImageName', 'ErrImageNeverPull'];

function hopelessImage({ containers }: SeenPod): Failure | undefined {
  for (const { name, state } of containers) {
    if (state.kind !== 'waiting' || !hopeless.includes(state.reason)) continue;
    const predicate = withDetail(`cannot get the image of container "${name}"`, state.reason, state.message);
    return { word: 'image', predicate, mayRetry: false };
  }
  return undefined;
}
