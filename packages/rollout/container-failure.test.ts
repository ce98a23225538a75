import { expect, test } from 'vitest';
import { containerFailure } from './container-failure.ts';
import type { SeenPod } from './seen-pod.ts';
import { container, init, podWith, running, terminated, waiting } from './testkit/seen-pods.ts';

const failed = (word: string, predicate: string): object => ({ word, predicate, mayRetry: false });

test.each<[string, SeenPod, object]>([
  [
    'exit code',
    podWith(container(terminated(3))),
    failed('exit-3', 'failed: container "verify" ended with exit code 3'),
  ],
  [
    'exit code with a message of several lines',
    podWith(container(terminated(1, 'Error', 'attestation\n failed'))),
    failed('exit-1', 'failed: container "verify" ended with exit code 1: attestation failed'),
  ],
  [
    'an exit code that is not a signal',
    podWith(container(terminated(255))),
    failed('exit-255', 'failed: container "verify" ended with exit code 255'),
  ],
  [
    'the command of a shell was not found',
    podWith(container(terminated(127))),
    failed('exit-127', 'failed: container "verify" ended with exit code 127'),
  ],
  [
    'one of two, while the other runs',
    podWith(container(running), container(terminated(4), { name: 'other' })),
    failed('exit-4', 'failed: container "other" ended with exit code 4'),
  ],
  [
    'an init container',
    podWith(init(terminated(5)), container(waiting('PodInitializing'))),
    failed('exit-5', 'failed: container "prepare" ended with exit code 5'),
  ],
  [
    'a crash counts before an exit code',
    podWith(container(terminated(1)), container(terminated(139), { name: 'other' })),
    failed('crashed', 'crashed: container "other" was ended by signal 11 (SIGSEGV)'),
  ],
  [
    'killed by a signal, by its exit code',
    podWith(container(terminated(137))),
    failed('crashed', 'crashed: container "verify" was ended by signal 9 (SIGKILL)'),
  ],
  [
    'killed by a signal, by number',
    podWith(container({ kind: 'terminated', exitCode: 0, signal: 31, reason: '', message: '' })),
    failed('crashed', 'crashed: container "verify" was ended by signal 31'),
  ],
  [
    'out of memory',
    podWith(container(terminated(137, 'OOMKilled'))),
    failed('crashed', 'crashed: container "verify" ran out of memory (OOMKilled, exit code 137)'),
  ],
  [
    'start error',
    podWith(container(terminated(128, 'StartError', 'failed to start containerd task: agent died'))),
    failed(
      'crashed',
      'crashed: container "verify" could not be started (StartError): failed to start containerd task: agent died',
    ),
  ],
  [
    'a container that the runtime no longer has',
    podWith(container(terminated(137, 'ContainerStatusUnknown', 'could not be located'))),
    failed(
      'crashed',
      'crashed: container "verify" was lost by the container runtime (ContainerStatusUnknown): could not be located',
    ),
  ],
  [
    'a restart loop',
    podWith(container(waiting('CrashLoopBackOff', 'back-off 10s restarting'), { restarts: 2 })),
    failed('crashed', 'crashed: container "verify" restarted 2 times: back-off 10s restarting'),
  ],
  [
    'a restart loop before the first restart',
    podWith(container(waiting('CrashLoopBackOff', 'back-off 10s restarting'))),
    failed('crashed', 'crashed: container "verify" ended: back-off 10s restarting'),
  ],
  [
    'a restart, although it runs',
    podWith(container(running, { restarts: 1 })),
    failed('crashed', 'crashed: container "verify" restarted once'),
  ],
  [
    'a restart, although it succeeded',
    podWith(container(terminated(0), { restarts: 1 })),
    failed('crashed', 'crashed: container "verify" restarted once'),
  ],
])('%s', (_, pod, expected) => {
  expect(containerFailure(pod)).toEqual(expected);
});

test.each<[string, SeenPod]>([
  ['containers that succeeded', podWith(container(terminated(0)), container(terminated(0)))],
  ['containers that wait or run', podWith(container(waiting('ErrImagePull')), container(running))],
  ['a sidecar that is terminated at the end', podWith(init(terminated(143)), container(terminated(0)))],
  ['a sidecar next to a running container', podWith(init(terminated(1)), container(running))],
])('no failure: %s', (_, pod) => {
  expect(containerFailure(pod)).toBeUndefined();
});

test('the end of a sidecar does not hide why the pod failed', () => {
  expect(containerFailure(podWith(init(terminated(143)), container(terminated(3))))).toMatchObject({
    word: 'exit-3',
  });
});

test('long messages are cut', () => {
  expect(containerFailure(podWith(container(terminated(1, 'Error', 'x'.repeat(999)))))).toEqual(
    failed('exit-1', `failed: container "verify" ended with exit code 1: ${'x'.repeat(299)}…`),
  );
});
