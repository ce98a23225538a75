import { expect, test } from 'vitest';
import { podOf } from './pod-object.ts';

test('a pod with the fields that explain why it does not run', () => {
  expect(
    podOf({
      metadata: {
        creationTimestamp: '2026-01-01T00:00:00Z',
        namespace: 'shop',
        name: 'web',
        uid: 'u1',
        labels: { app: 'web' },
        annotations: null,
        deletionTimestamp: '2026-01-01T00:00:00Z',
        ownerReferences: [
          { kind: 'ConfigMap', name: 'x', uid: 'o1' },
          { kind: 'DaemonSet', name: 'web', uid: 'o2', controller: true },
        ],
      },
      spec: { nodeName: 'n1', runtimeClassName: 'kata', nodeSelector: { zone: 'x' } },
      status: {
        phase: 'Pending',
        conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: 'no room' }],
        initContainerStatuses: [
          { name: 'first', restartCount: 2, state: { terminated: { exitCode: 137, signal: 9 } } },
        ],
        containerStatuses: [
          { name: 'main', state: { waiting: { reason: 'ErrImagePull', message: 'not found' } } },
          { name: 'other', restartCount: 1, state: { running: { startedAt: 'now' } } },
          { name: 'unknown', restartCount: 0, state: {} },
        ],
      },
    }),
  ).toEqual({
    created: '2026-01-01T00:00:00Z',
    namespace: 'shop',
    name: 'web',
    uid: 'u1',
    labels: { app: 'web' },
    annotations: {},
    nodeName: 'n1',
    runtimeClass: 'kata',
    nodeSelector: { zone: 'x' },
    controller: { kind: 'DaemonSet', name: 'web', uid: 'o2' },
    beingDeleted: true,
    phase: 'Pending',
    reason: '',
    message: '',
    conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: 'no room' }],
    containers: [
      {
        name: 'first',
        isInit: true,
        restarts: 2,
        state: { kind: 'terminated', exitCode: 137, signal: 9, reason: '', message: '' },
      },
      {
        name: 'main',
        isInit: false,
        restarts: 0,
        state: { kind: 'waiting', reason: 'ErrImagePull', message: 'not found' },
      },
      { name: 'other', isInit: false, restarts: 1, state: { kind: 'running' } },
      { name: 'unknown', isInit: false, restarts: 0, state: { kind: 'waiting', reason: '', message: '' } },
    ],
  });
});

test('a pod without status', () => {
  expect(podOf({ metadata: { uid: 'u1' } })).toMatchObject({
    nodeName: undefined,
    runtimeClass: undefined,
    controller: undefined,
    beingDeleted: false,
    phase: '',
    containers: [],
  });
});
