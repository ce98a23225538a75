import { expect, test } from 'vitest';
import {
  claimChanges,
  demotedChanges,
  type NodeStatus,
  removedChanges,
  servingChanges,
  statusChanges,
} from './node-labels.ts';

const shared = 'katacontainers.io/kata-runtime';
const own = 'kata-deploy.katacontainers.io/default';
const blue = 'kata-deploy.katacontainers.io/blue';
const annotation = 'katacontainers.io/kata-deploy-status';
const handlers = [{ name: 'kata-qemu', shimPath: '/s', configPath: '/c' }] as const;
const status: NodeStatus = {
  phase: 'installed',
  version: '3.24.0',
  release: '3.24.0-aaaaaaaa',
  reason: 'Installed',
  time: '2026-01-01T00:00:00.000Z',
};
const text = JSON.stringify(status);
const node = (
  labels: Readonly<Record<string, string>>,
  annotations: Readonly<Record<string, string>> = {},
) => ({
  labels,
  annotations,
});

test('a claim sets only what is absent', () => {
  expect(claimChanges(node({}), '')).toEqual({
    labels: { [shared]: 'false', [own]: 'false' },
    annotations: {},
  });
  expect(claimChanges(node({ [shared]: 'true' }), '').labels).toEqual({ [own]: 'false' });
  expect(claimChanges(node({ [shared]: 'true', [own]: 'true' }), '').labels).toEqual({});
});

test('serving says so, and takes away labels of handlers that no engine lists', () => {
  const before = node({
    'handler.katacontainers.io/kata-clh': 'true',
    'handler.katacontainers.io/kata-fc-blue': 'true',
  });

  expect(servingChanges(before, '', handlers, ['runc', 'kata-qemu', 'kata-fc-blue'], status)).toEqual({
    labels: {
      'handler.katacontainers.io/kata-clh': null,
      'handler.katacontainers.io/kata-qemu': 'true',
      [shared]: 'true',
      [own]: 'true',
    },
    annotations: { [annotation]: text },
  });
});

test('a status that is said again keeps its time', () => {
  const later = { ...status, time: '2026-02-02T00:00:00.000Z' };

  expect(statusChanges(node({}, { [annotation]: text }), '', later).annotations).toEqual({
    [annotation]: text,
  });
  expect(statusChanges(node({}, { [annotation]: 'damaged' }), '', later).annotations).toEqual({
    [annotation]: JSON.stringify(later),
  });
});

test.each([
  ['alone', {}, 'false', null],
  ['beside one that serves', { [blue]: 'true' }, undefined, undefined],
  ['beside one that is begun', { [blue]: 'false' }, 'false', 'false'],
])('going, %s', (_, others, demoted, removed) => {
  const seen = node({ [own]: 'true', [shared]: 'true', ...others });

  expect(demotedChanges(seen, '', handlers, false, status).labels).toEqual({
    'handler.katacontainers.io/kata-qemu': null,
    ...(demoted === undefined ? {} : { [shared]: demoted }),
    [own]: 'false',
  });
  expect(removedChanges(seen, '', handlers, false)).toEqual({
    labels: {
      'handler.katacontainers.io/kata-qemu': null,
      ...(removed === undefined ? {} : { [shared]: removed }),
      [own]: null,
    },
    annotations: { [annotation]: null },
  });
});

test('a further installation says it in an annotation of its own', () => {
  expect(Object.keys(statusChanges(node({}), 'blue', status).annotations)).toEqual([`${annotation}-blue`]);
});
