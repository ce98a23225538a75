/** Why a container of a verification pod counts as failed. */
import type { Failure } from './failure.ts';
import type { SeenContainer, SeenPod } from './seen-pod.ts';
import { withDetail } from './with-detail.ts';

type Ended = SeenContainer & { readonly state: { readonly kind: 'terminated' } };

/** Of the runtime and of kubelet, for containers that did not end by themselves. */
const crashReasons: readonly string[] = [
  'OOMKilled',
  'StartError',
  'ContainerCannotRun',
  'ContainerStatusUnknown',
];

const signals: Readonly<Record<number, string>> = {
  4: 'SIGILL',
  6: 'SIGABRT',
  7: 'SIGBUS',
  9: 'SIGKILL',
  11: 'SIGSEGV',
  15: 'SIGTERM',
};

/**
 * Undefined when none failed. A verification counts once: a container that restarted failed, whatever it did afterwards.
 */
export function containerFailure({ containers }: SeenPod): Failure | undefined {
  const restarted = containers.find(
    ({ restarts, state }) =>
      restarts > 0 || (state.kind === 'waiting' && state.reason === 'CrashLoopBackOff'),
  );
  if (restarted !== undefined) return restart(restarted);
  const failed = thatCount(containers).filter(hasFailed);
  const crashed = failed.find(isCrash);
  if (crashed !== undefined) return crash(crashed);
  const [first] = failed;
  return first === undefined ? undefined : exit(first);
}

/** When an ordinary container has started, init containers have succeeded, or are sidecars, whose end does not count. */
function thatCount(containers: readonly SeenContainer[]): readonly SeenContainer[] {
  const ordinary = containers.filter(({ isInit }) => !isInit);
  return ordinary.some(({ state }) => state.kind !== 'waiting') ? ordinary : containers;
}

function hasFailed(container: SeenContainer): container is Ended {
  const { state } = container;
  return state.kind === 'terminated' && (state.exitCode !== 0 || (state.signal ?? 0) !== 0);
}

function isCrash({ state }: Ended): boolean {
  return crashReasons.includes(state.reason) || signalOf(state) !== undefined;
}

function signalOf({ signal, exitCode }: Ended['state']): number | undefined {
  if (signal !== undefined && signal !== 0) return signal;
  // As shells and container runtimes report it; Linux has 64 signals.
  return exitCode > 128 && exitCode <= 128 + 64 ? exitCode - 128 : undefined;
}

function crash({ name, state }: Ended): Failure {
  const signal = signalOf(state);
  return {
    word: 'crashed',
    predicate: withDetail(`crashed: container "${name}" ${how(state, signal)}`, state.message),
    mayRetry: false,
  };
}

function how({ reason, exitCode }: Ended['state'], signal: number | undefined): string {
  switch (reason) {
    case 'OOMKilled':
      return `ran out of memory (OOMKilled, exit code ${exitCode})`;
    case 'StartError':
    case 'ContainerCannotRun':
      return `could not be started (${reason})`;
    case 'ContainerStatusUnknown':
      return 'was lost by the container runtime (ContainerStatusUnknown)';
    default: {
      const known = signals[signal ?? 0];
      return `was ended by signal ${signal}${known === undefined ? '' : ` (${known})`}`;
    }
  }
}

function exit({ name, state }: Ended): Failure {
  return {
    word: `exit-${state.exitCode}`,
    predicate: withDetail(
      `failed: container "${name}" ended with exit code ${state.exitCode}`,
      state.message,
    ),
    mayRetry: false,
  };
}

function restart({ name, restarts, state }: SeenContainer): Failure {
  const times = restarts === 1 ? 'once' : `${restarts} times`;
  const what = restarts === 0 ? 'ended' : `restarted ${times}`;
  return {
    word: 'crashed',
    predicate: withDetail(
      `crashed: container "${name}" ${what}`,
      state.kind === 'running' ? '' : state.message,
    ),
    mayRetry: false,
  };
}
