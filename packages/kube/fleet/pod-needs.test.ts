import { expect, test } from 'vitest';
import { podNeedsOf } from './pod-needs.ts';

const unit = 10n ** 9n;

function container(cpu: string, more: object = {}): object {
  return { name: 'c', resources: { requests: { cpu } }, ...more };
}

test.each<[string, object, Readonly<Record<string, bigint>>]>([
  ['nothing requested', { containers: [{ name: 'c' }] }, {}],
  ['the containers together', { containers: [container('1'), container('500m')] }, { cpu: (3n * unit) / 2n }],
  [
    'the limit, without a request',
    { containers: [{ name: 'c', resources: { limits: { 'nvidia.com/gpu': '1' } } }] },
    { 'nvidia.com/gpu': unit },
  ],
  [
    'the largest init container, when it is larger',
    { containers: [container('1')], initContainers: [container('3'), container('2')] },
    { cpu: 3n * unit },
  ],
  [
    'a sidecar next to the containers, and next to init containers after it',
    {
      containers: [container('1')],
      initContainers: [container('2'), container('1', { restartPolicy: 'Always' }), container('2')],
    },
    { cpu: 3n * unit },
  ],
  [
    'requests of the whole pod instead, and the overhead of its RuntimeClass',
    {
      containers: [container('1')],
      resources: { requests: { cpu: '2' } },
      overhead: { cpu: '250m', memory: '1Ki' },
    },
    { cpu: (9n * unit) / 4n, memory: 1024n * unit },
  ],
])('%s', (_, spec, requests) => {
  expect(podNeedsOf({ spec })).toEqual({ requests, priority: 0, preempts: true });
});

test('priority and preemption', () => {
  expect(podNeedsOf({ spec: { priority: 7, preemptionPolicy: 'Never' } })).toMatchObject({
    priority: 7,
    preempts: false,
  });
});
