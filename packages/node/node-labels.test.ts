import { expect, test } from 'vitest';
import type { NodeStatus } from './status.ts';
import {
  claimChanges,
  demotedChanges,
  heldChanges,
  neededLabels,
  pendingChanges,
  removedChanges,
  servingChanges,
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

test('a claim sets only absent labels', () => {
  expect(claimChanges(node({}), '')).toEqual({
    labels: { [shared]: 'false', [own]: 'false' },
    annotations: {},
  });
  expect(claimChanges(node({ [shared]: 'true' }), '').labels).toEqual({ [own]: 'false' });
  expect(claimChanges(node({ [shared]: 'true', [own]: 'true' }), '').labels).toEqual({});
});

test('serving sets the labels, and removes those of handlers that the engine does not list', () => {
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

test.each([
  ['labels stay while pods need them', { hasPods: true, isInstalled: true }, {}],
  [
    'without served handlers, labels are set to false',
    { hasPods: false, isInstalled: true },
    { 'handler.katacontainers.io/kata-qemu': null, [shared]: 'false', [own]: 'false' },
  ],
  [
    'without an installation, labels are removed',
    { hasPods: false, isInstalled: false },
    { 'handler.katacontainers.io/kata-qemu': null, [shared]: null, [own]: null },
  ],
])('a node that is held (issue 12.13): %s', (_, held, labels) => {
  const seen = node({ [shared]: 'true', [own]: 'true', 'handler.katacontainers.io/kata-qemu': 'true' });
  const all = { ...held, served: [], handlers, hasLegacy: false };

  expect(heldChanges(seen, '', status, all)).toEqual({ labels, annotations: { [annotation]: text } });
  expect(heldChanges(node({}), '', status, all).labels).toEqual({});
});

test('issue 12.21: a held node that serves is labelled, also on a recreated Node object', () => {
  const held = { served: handlers, hasPods: false, isInstalled: true, handlers, hasLegacy: false };

  expect(heldChanges(node({}), '', status, held).labels).toEqual({
    'handler.katacontainers.io/kata-qemu': 'true',
    [shared]: 'true',
    [own]: 'true',
  });
});

test.each([
  ['alone', {}, 'false', null],
  ['next to one that serves', { [blue]: 'true' }, undefined, undefined],
  ['next to an unfinished one', { [blue]: 'false' }, 'false', 'false'],
])('a removal, %s', (_, others, demoted, removed) => {
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
      // The drift label.
      [annotation]: null,
    },
    annotations: { [annotation]: null },
  });
});

// Issue 12.9, case 14-kubelet-restart-while-pending: kubelet admits running pods again when it starts.
test('while pods run, the labels that they need stay or come back, and the others are removed', () => {
  const clh = { name: 'kata-clh', shimPath: '/s', configPath: '/c' } as const;
  const use = { handlers: [...handlers, clh], retained: ['kata-qemu'], served: ['kata-qemu', 'kata-clh'] };

  expect(pendingChanges(node({}), '', use, status)).toEqual({
    labels: {
      'handler.katacontainers.io/kata-clh': null,
      'handler.katacontainers.io/kata-qemu': 'true',
      [shared]: 'true',
      [own]: 'true',
    },
    annotations: { [annotation]: text },
  });
  expect(neededLabels('', { ...use, served: undefined })).toEqual({
    'handler.katacontainers.io/kata-clh': null,
  });
});
