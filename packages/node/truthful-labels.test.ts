import { expect, test } from 'vitest';
import { truthfulLabels } from './truthful-labels.ts';

const own = 'kata-deploy.katacontainers.io/default';
const blue = 'kata-deploy.katacontainers.io/blue';
const shared = 'katacontainers.io/kata-runtime';
const qemu = 'handler.katacontainers.io/kata-qemu';
const ours = ['kata-qemu', 'kata-clh'];

const change = (labels: Record<string, string>, served: readonly string[], hasLegacy = false): object =>
  truthfulLabels({ labels, annotations: {} }, '', { served, ours, hasLegacy });

const claiming = { [own]: 'true', [shared]: 'true', [qemu]: 'true', zone: 'a' };

test.each<[string, Record<string, string>, readonly string[], object]>([
  [
    'cases/18, a reimaged machine: nothing is served, so nothing says so',
    claiming,
    ['runc'],
    { [own]: 'false', [shared]: 'false', [qemu]: null },
  ],
  ['what is served stays', claiming, ['runc', 'kata-qemu'], {}],
  ['one handler of two is rewritten away', claiming, ['runc', 'kata-clh'], { [qemu]: null }],
  [
    'another installation serves',
    { ...claiming, [blue]: 'true' },
    ['kata-qemu-blue'],
    { [own]: 'false', [qemu]: null },
  ],
  [
    'another installation is only begun',
    { ...claiming, [blue]: 'false' },
    [],
    {
      [own]: 'false',
      [shared]: 'false',
      [qemu]: null,
    },
  ],
  ['a node that says nothing', { zone: 'a' }, [], {}],
])('issue 12.21: %s', (_, labels, served, changes) => {
  expect(change(labels, served)).toEqual(changes);
});

test('an installer without marks that serves keeps the label that all share', () => {
  expect(change(claiming, [], true)).toEqual({ [own]: 'false', [qemu]: null });
});
