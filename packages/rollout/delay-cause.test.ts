import { expect, test } from 'vitest';
import { awaitsImage, type DelayCause, delayCause } from './delay-cause.ts';
import type { PodEvent, SeenPod } from './seen-pod.ts';
import {
  container,
  event,
  init,
  podWith,
  running,
  scheduled,
  terminated,
  waiting,
} from './testkit/seen-pods.ts';

const unscheduled = (reason: string, message: string): SeenPod => ({
  ...scheduled,
  nodeName: undefined,
  conditions: [{ type: 'PodScheduled', status: 'False', reason, message }],
});
const creating = podWith(container(waiting('ContainerCreating')));
const noRuntime = 'Failed to create pod sandbox: rpc error: no runtime for "kata-qemu" is configured';

test.each<[string, SeenPod, readonly PodEvent[], DelayCause]>([
  [
    'unschedulable',
    unscheduled('Unschedulable', '0/3 nodes are available: 3 Insufficient nvidia.com/pgpu.'),
    [],
    {
      word: 'no-room',
      text: 'it is not scheduled: Unschedulable: 0/3 nodes are available: 3 Insufficient nvidia.com/pgpu.',
    },
  ],
  [
    'held by a scheduling gate',
    unscheduled('SchedulingGated', 'Scheduling is blocked due to non-empty scheduling gates'),
    [],
    {
      word: 'no-room',
      text: 'it is not scheduled: SchedulingGated: Scheduling is blocked due to non-empty scheduling gates',
    },
  ],
  [
    'an error of the scheduler',
    unscheduled('SchedulerError', 'nodes "w-1" not found'),
    [],
    { word: 'timed-out', text: 'it is not scheduled: SchedulerError: nodes "w-1" not found' },
  ],
  [
    'no scheduler',
    { ...scheduled, nodeName: undefined, conditions: [] },
    [],
    { word: 'timed-out', text: 'no scheduler has taken it' },
  ],
  [
    'a kubelet that does not report',
    scheduled,
    [],
    { word: 'timed-out', text: 'kubelet has not reported about it' },
  ],
  [
    'a lost node',
    { ...podWith(container(running)), phase: 'Unknown', message: 'Node w-1 is unresponsive' },
    [],
    { word: 'timed-out', text: 'its node does not report: Node w-1 is unresponsive' },
  ],
  [
    'a sandbox that cannot be created',
    creating,
    [event(1, 'FailedCreatePodSandBox', noRuntime)],
    { word: 'not-started', text: `it cannot be started: FailedCreatePodSandBox: ${noRuntime}` },
  ],
  [
    'a sandbox that cannot be created, before kubelet has written a status',
    scheduled,
    [event(1, 'FailedCreatePodSandBox', noRuntime)],
    { word: 'not-started', text: `it cannot be started: FailedCreatePodSandBox: ${noRuntime}` },
  ],
  [
    'the last of two problems, in any order',
    creating,
    [event(9, 'FailedCreatePodSandBox', 'later'), event(1, 'FailedMount', 'earlier')],
    { word: 'not-started', text: 'it cannot be started: FailedCreatePodSandBox: later' },
  ],
  [
    'a sandbox that is created without an end',
    creating,
    [],
    { word: 'not-started', text: 'container "verify" has not been created' },
  ],
  [
    'a container that cannot be created',
    podWith(container(waiting('CreateContainerError', 'context deadline exceeded'))),
    [],
    {
      word: 'not-started',
      text: 'container "verify" cannot be started: CreateContainerError: context deadline exceeded',
    },
  ],
  [
    'a missing ConfigMap',
    podWith(container(waiting('CreateContainerConfigError', 'configmap "x" not found'))),
    [],
    {
      word: 'not-started',
      text: 'container "verify" cannot be started: CreateContainerConfigError: configmap "x" not found',
    },
  ],
  [
    'a container that cannot be started',
    podWith(container(running), container(waiting('RunContainerError', 'agent died'), { name: 'b' })),
    [],
    { word: 'not-started', text: 'container "b" cannot be started: RunContainerError: agent died' },
  ],
  [
    'an image that kubelet tries again to pull',
    podWith(container(waiting('ErrImagePull', 'not found'))),
    [event(1, 'Pulling', 'Pulling image "a"'), event(2, 'Failed', 'Failed to pull image "a": not found')],
    { word: 'image', text: 'the image of container "verify" cannot be pulled: ErrImagePull: not found' },
  ],
  [
    'an image of an init container',
    podWith(init(waiting('ImagePullBackOff', 'Back-off')), container(waiting('PodInitializing'))),
    [],
    { word: 'image', text: 'the image of container "prepare" cannot be pulled: ImagePullBackOff: Back-off' },
  ],
  [
    'a running container',
    podWith(container(running)),
    [event(1, 'FailedCreatePodSandBox', 'overcome'), event(2, 'Started')],
    { word: 'timed-out', text: 'container "verify" is still running' },
  ],
  [
    'a running init container, after a problem that is over',
    podWith(init(running), container(waiting('PodInitializing'))),
    [event(2, 'FailedMount', 'overcome'), event(2, 'Started')],
    { word: 'timed-out', text: 'container "prepare" is still running' },
  ],
  [
    'kubelet does not report the end',
    { ...podWith(container(terminated(0))), phase: 'Running' },
    [],
    { word: 'timed-out', text: 'its containers ended, but kubelet has not reported its end' },
  ],
])('%s', (_, pod, events, expected) => {
  expect(delayCause(pod, events, undefined)).toEqual(expected);
});

test('an image that is being pulled, unless the pod is not even scheduled', () => {
  expect(delayCause(creating, [event(1, 'FailedMount', 'overcome')], 'a')).toEqual({
    word: 'image',
    text: 'image "a" is still being pulled',
  });
  expect(delayCause({ ...scheduled, nodeName: undefined }, [], 'a')).toEqual({
    word: 'timed-out',
    text: 'no scheduler has taken it',
  });
});

test.each<[string, SeenPod, boolean]>([
  ['created', creating, true],
  ['initialized', podWith(init(running), container(waiting('PodInitializing'))), true],
  ['pulled again', podWith(container(waiting('ImagePullBackOff'))), true],
  ['started', podWith(container(waiting('CreateContainerError'))), false],
  ['run', podWith(container(running)), false],
])('whether an image can be missing while a container is being %s', (_, pod, expected) => {
  expect(awaitsImage(pod)).toBe(expected);
});
