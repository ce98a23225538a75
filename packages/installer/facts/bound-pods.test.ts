// Issue 12.9: the node selector and the record decide whose pod it is, never a RuntimeClass that Helm may have deleted.
import { expect, test } from 'vitest';
import { type BoundPod, ownPods, uniteSandboxes, retainedHandlers } from './bound-pods.ts';

const own = { suffix: '', handlers: ['kata-qemu', 'kata-clh'], classes: { vms: 'kata-clh' } } as const;
const mark = 'kata-deploy.katacontainers.io/default';
const shared = 'katacontainers.io/kata-runtime';

test.each<[string, string, Readonly<Record<string, string>>, string | undefined]>([
  [
    'a class of the chart',
    'kata-qemu',
    { [shared]: 'true', [mark]: 'true', 'handler.katacontainers.io/kata-qemu': 'true' },
    'kata-qemu',
  ],
  ['the default class', 'kata', { 'handler.katacontainers.io/kata-clh': 'true' }, 'kata-clh'],
  ['a class of which only the label of the installation is known', 'unknown', { [mark]: 'true' }, undefined],
  ['a recorded class without labels', 'vms', {}, 'kata-clh'],
  ['a class with the name of a handler', 'kata-clh', { [shared]: 'true' }, 'kata-clh'],
  [
    'a class of another installation',
    'kata-qemu-blue',
    {
      [shared]: 'true',
      'kata-deploy.katacontainers.io/blue': 'true',
      'handler.katacontainers.io/kata-qemu-blue': 'true',
    },
    'not ours',
  ],
  ['a foreign class', 'nvidia', {}, 'not ours'],
  ['a foreign class that selects nodes with Kata', 'gvisor', { [shared]: 'true' }, 'not ours'],
])('%s', (_, runtimeClass, nodeSelector, handler) => {
  const pod: BoundPod = { uid: 'u', name: 'default/web', runtimeClass, nodeSelector };

  expect(ownPods([pod], own)).toEqual(
    handler === 'not ours' ? [] : [{ id: 'u', podUid: 'u', podName: 'default/web', handler }],
  );
});

test('issue 12.9: a pod that both the engine and the API server list counts once', () => {
  const sandbox = { id: 's', podUid: 'u', handler: 'kata-qemu' };
  const bound = { id: 'u', podUid: 'u', podName: 'default/web', handler: undefined };
  const starting = { id: 'v', podUid: 'v', podName: 'default/db', handler: 'kata-clh' };

  expect(uniteSandboxes([sandbox], [bound, starting])).toEqual([
    { ...sandbox, podName: 'default/web' },
    starting,
  ]);
});

test.each([
  ['no handler', [], []],
  ['their own handler', ['kata-clh'], ['kata-clh']],
  ['all handlers when the handler of one pod is unknown', ['kata-clh', undefined], ['kata-qemu', 'kata-clh']],
])('pods retain %s', (_, handlers, used) => {
  const running = handlers.map((handler) => ({ id: 'i', podUid: 'u', handler }));

  expect(retainedHandlers(running, own.handlers)).toEqual(used);
});
