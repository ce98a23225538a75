// Issue 12.9: whose pod it is, its node selector and the record say, never a class that Helm may have deleted.
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
  ['a class of which only the mark is known', 'unknown', { [mark]: 'true' }, undefined],
  ['a class without labels, as it was recorded', 'vms', {}, 'kata-clh'],
  ['a class that is called like a handler', 'kata-clh', { [shared]: 'true' }, 'kata-clh'],
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
  ['a class of somebody else', 'nvidia', {}, 'not ours'],
  ['somebody else, who chooses nodes with Kata', 'gvisor', { [shared]: 'true' }, 'not ours'],
])('%s', (_, runtimeClass, nodeSelector, handler) => {
  const pod: BoundPod = { uid: 'u', name: 'default/web', runtimeClass, nodeSelector };

  expect(ownPods([pod], own)).toEqual(
    handler === 'not ours' ? [] : [{ id: 'u', podUid: 'u', podName: 'default/web', handler }],
  );
});

test('issue 12.9: a pod that both the engine and the API server know counts once', () => {
  const sandbox = { id: 's', podUid: 'u', handler: 'kata-qemu' };
  const bound = { id: 'u', podUid: 'u', podName: 'default/web', handler: undefined };
  const starting = { id: 'v', podUid: 'v', podName: 'default/db', handler: 'kata-clh' };

  expect(uniteSandboxes([sandbox], [bound, starting])).toEqual([
    { ...sandbox, podName: 'default/web' },
    starting,
  ]);
});

test.each([
  ['none', [], []],
  ['its own', ['kata-clh'], ['kata-clh']],
  ['all where one is not known', ['kata-clh', undefined], ['kata-qemu', 'kata-clh']],
])('pods use %s', (_, handlers, used) => {
  const running = handlers.map((handler) => ({ id: 'i', podUid: 'u', handler }));

  expect(retainedHandlers(running, own.handlers)).toEqual(used);
});
