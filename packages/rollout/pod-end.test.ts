import { expect, test } from 'vitest';
import { absence, failureOf } from './pod-end.ts';
import type { SeenPod } from './seen-pod.ts';
import { container, event, podWith, running, scheduled, terminated, waiting } from './testkit/seen-pods.ts';

const failed = (word: string, predicate: string, mayRetry = false): object => ({
  word,
  predicate,
  mayRetry,
});

const disruption = (reason: string, message: string): Partial<SeenPod> => ({
  conditions: [{ type: 'DisruptionTarget', status: 'True', reason, message }],
});
const rejected = (reason: string, message: string): SeenPod => ({
  ...scheduled,
  phase: 'Failed',
  reason,
  message: `Pod was rejected: ${message}`,
});
const ended = (reason: string, message: string, ...containers: SeenPod['containers']): SeenPod => ({
  ...scheduled,
  phase: 'Failed',
  reason,
  message,
  containers,
});

test.each<[string, SeenPod, object]>([
  [
    'an invalid image name',
    podWith(container(waiting('InvalidImageName', 'invalid reference format'))),
    failed('image', 'cannot get the image of container "verify": InvalidImageName: invalid reference format'),
  ],
  [
    'an image that must not be pulled',
    podWith(container(waiting('ErrImageNeverPull', 'is not present with pull policy of Never'))),
    failed(
      'image',
      'cannot get the image of container "verify": ErrImageNeverPull: is not present with pull policy of Never',
    ),
  ],
  [
    'rejected by kubelet, without CPU',
    rejected('OutOfcpu', "Node didn't have enough resource: cpu, requested: 2, used: 1, capacity: 2"),
    failed(
      'no-room',
      "was rejected by kubelet: OutOfcpu: Node didn't have enough resource: cpu, requested: 2, used: 1, capacity: 2",
      true,
    ),
  ],
  [
    'rejected by kubelet, without a device',
    rejected('UnexpectedAdmissionError', 'Allocate failed due to no healthy devices'),
    failed(
      'no-room',
      'was rejected by kubelet: UnexpectedAdmissionError: Allocate failed due to no healthy devices',
      true,
    ),
  ],
  [
    'rejected by kubelet, because the labels of the RuntimeClass are missing',
    rejected('NodeAffinity', "Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity"),
    failed(
      'no-room',
      "was rejected by kubelet: NodeAffinity: Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity",
      true,
    ),
  ],
  [
    'rejected by kubelet during a shutdown',
    rejected('NodeShutdown', 'Pod was rejected as the node is shutting down.'),
    failed(
      'no-room',
      'was rejected by kubelet: NodeShutdown: Pod was rejected as the node is shutting down.',
      true,
    ),
  ],
  [
    'evicted, whatever its containers say',
    ended('Evicted', 'The node was low on resource: memory. ', container(terminated(137))),
    failed('no-room', 'was evicted by kubelet: The node was low on resource: memory.', true),
  ],
  [
    'preempted by kubelet',
    ended('Preempting', 'Preempted in order to admit critical pod', container(terminated(137))),
    failed('no-room', 'was preempted by kubelet: Preempted in order to admit critical pod', true),
  ],
  [
    'ended by a shutdown',
    ended('Terminated', 'Pod was terminated in response to imminent node shutdown.', container(running)),
    failed(
      'crashed',
      'was ended by a shutdown of the node: Pod was terminated in response to imminent node shutdown.',
      true,
    ),
  ],
  [
    'its own deadline',
    ended('DeadlineExceeded', 'Pod was active on the node longer than', container(terminated(137))),
    failed('timed-out', 'was ended by its own activeDeadlineSeconds: Pod was active on the node longer than'),
  ],
  [
    'failed with its node',
    ended('NodeLost', 'Node w-1 which was running pod x is unresponsive', container(running)),
    failed('timed-out', 'was lost with its node: Node w-1 which was running pod x is unresponsive', true),
  ],
  [
    'failed for a reason of a newer kubelet',
    ended('Surprise', 'no words', container(terminated(0))),
    failed('crashed', 'failed without a failed container: Surprise: no words', true),
  ],
  [
    'being deleted before it started',
    { ...scheduled, beingDeleted: true },
    failed('not-started', 'was deleted before it ended', true),
  ],
  [
    'being deleted, and its process ended well on SIGTERM',
    { ...podWith(container(terminated(0))), beingDeleted: true },
    failed('crashed', 'was deleted before it ended', true),
  ],
  [
    'evicted through the API',
    {
      ...podWith(container(running)),
      ...disruption('EvictionByEvictionAPI', 'Eviction API: evicting'),
      beingDeleted: true,
    },
    failed('crashed', 'was deleted before it ended: EvictionByEvictionAPI: Eviction API: evicting', true),
  ],
  [
    'preempted by the scheduler',
    {
      ...podWith(container(running)),
      ...disruption('PreemptionByScheduler', 'preempting to accommodate a higher priority pod'),
      beingDeleted: true,
    },
    failed(
      'no-room',
      'was deleted before it ended: PreemptionByScheduler: preempting to accommodate a higher priority pod',
      true,
    ),
  ],
  [
    'its node is lost, and taints delete it',
    {
      ...podWith(container(running)),
      ...disruption('DeletionByTaintManager', 'Taint manager: deleting due to NoExecute taint'),
      beingDeleted: true,
    },
    failed(
      'crashed',
      'was deleted before it ended: DeletionByTaintManager: Taint manager: deleting due to NoExecute taint',
      true,
    ),
  ],
  [
    'its node no longer exists',
    {
      ...ended('', '', container(running)),
      ...disruption('DeletionByPodGC', 'PodGC: node no longer exists'),
      beingDeleted: true,
    },
    failed('crashed', 'was deleted before it ended: DeletionByPodGC: PodGC: node no longer exists', true),
  ],
  [
    'on another node, even when it succeeds there',
    { ...podWith(container(terminated(0))), nodeName: 'w-2' },
    failed('not-started', 'was bound to node "w-2" instead'),
  ],
  [
    'a container failed',
    podWith(container(terminated(3))),
    failed('exit-3', 'failed: container "verify" ended with exit code 3'),
  ],
])('%s', (_, pod, expected) => {
  expect(failureOf(pod, [], 'w-1')).toEqual(expected);
});

test('a pod that no longer exists', () => {
  const gone = 'was deleted before its end was seen';

  expect(absence([])).toEqual(failed('not-started', gone, true));
  expect(absence([event(5, 'Started', 'Container started')])).toEqual(failed('crashed', gone, true));
});

test.each<[string, SeenPod]>([
  ['a pod that succeeded', podWith(container(terminated(0)))],
  ['a pod that runs', podWith(container(running))],
  ['an image that kubelet tries again to pull', podWith(container(waiting('ErrImagePull')))],
  ['a pod that is not scheduled', { ...scheduled, nodeName: undefined }],
])('no failure: %s', (_, pod) => {
  expect(failureOf(pod, [], 'w-1')).toBeUndefined();
});
