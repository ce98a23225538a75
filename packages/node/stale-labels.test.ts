import { expect, test } from 'vitest';
import { staleLabelChanges } from './stale-labels.ts';

const own = 'kata-deploy.katacontainers.io/default';
const blue = 'kata-deploy.katacontainers.io/blue';
const shared = 'katacontainers.io/kata-runtime';
const qemu = 'handler.katacontainers.io/kata-qemu';
const ours = ['kata-qemu', 'kata-clh'];

const change = (labels: Record<string, string>, served: readonly string[], hasLegacy = false): object =>
  staleLabelChanges({ labels, annotations: {} }, '', { served, ours, hasLegacy });

const labelled = { [own]: 'true', [shared]: 'true', [qemu]: 'true', zone: 'a' };

test.each<[string, Record<string, string>, readonly string[], object]>([
  [
    'cases/18: a reimaged machine serves nothing',
    labelled,
    ['runc'],
    { [own]: 'false', [shared]: 'false', [qemu]: null },
  ],
  ['labels of served handlers stay', labelled, ['runc', 'kata-qemu'], {}],
  ['one handler of two was removed from the configuration', labelled, ['runc', 'kata-clh'], { [qemu]: null }],
  [
    'another installation serves',
    { ...labelled, [blue]: 'true' },
    ['kata-qemu-blue'],
    { [own]: 'false', [qemu]: null },
  ],
  [
    'another installation is unfinished',
    { ...labelled, [blue]: 'false' },
    [],
    {
      [own]: 'false',
      [shared]: 'false',
      [qemu]: null,
    },
  ],
  ['a node without labels', { zone: 'a' }, [], {}],
])('issue 12.21: %s', (_, labels, served, changes) => {
  expect(change(labels, served)).toEqual(changes);
});

test('the shared label stays next to an installer without instance label', () => {
  expect(change(labelled, [], true)).toEqual({ [own]: 'false', [qemu]: null });
});
