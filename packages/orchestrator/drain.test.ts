import type { PodObject } from '@kata/kube';
import { expect, test } from 'vitest';
import { isEvictable } from './drain.ts';

const pod: PodObject = {
  namespace: 'default',
  name: 'web',
  uid: 'u1',
  created: '2026-01-01T00:00:00Z',
  labels: {},
  annotations: {},
  nodeName: 'n1',
  runtimeClass: undefined,
  nodeSelector: {},
  controller: { kind: 'ReplicaSet', name: 'web', uid: 'u2' },
  beingDeleted: false,
  phase: 'Running',
  reason: '',
  message: '',
  conditions: [],
  containers: [],
};

test.each<[string, Partial<PodObject>, boolean]>([
  ['a pod of a Deployment', {}, true],
  ['a pod without a controller', { controller: undefined }, true],
  ['a pod that is terminating, until it is gone', { beingDeleted: true }, true],
  ['a pod of a DaemonSet', { controller: { kind: 'DaemonSet', name: 'cni', uid: 'u3' } }, false],
  ['a static pod', { annotations: { 'kubernetes.io/config.mirror': 'x' } }, false],
  ['a pod that has ended', { phase: 'Succeeded' }, false],
  ['a verification pod', { labels: { 'katacontainers.io/kata-lifecycle-run': 'r1' } }, false],
  ['a step of a workflow', { labels: { 'workflows.argoproj.io/workflow': 'upgrade' } }, false],
])('%s: evicted %s', (_, changes, isEvicted) => {
  expect(isEvictable({ ...pod, ...changes })).toBe(isEvicted);
});
