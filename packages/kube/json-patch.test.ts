import { expect, test } from 'vitest';
import { metadataPatch, taintPatch } from './json-patch.ts';

const node = { uid: 'u1', resourceVersion: '7', labels: { 'a/b': 'old', keep: 'x' }, annotations: {} };

test('changes only what differs, and tests the object and each field first', () => {
  expect(
    metadataPatch(node, {
      labels: { 'a/b': 'new', keep: 'x', gone: null, added: 'y' },
      annotations: { note: 'z' },
    }),
  ).toEqual([
    { op: 'test', path: '/metadata/uid', value: 'u1' },
    { op: 'test', path: '/metadata/resourceVersion', value: '7' },
    { op: 'test', path: '/metadata/labels/a~1b', value: 'old' },
    { op: 'replace', path: '/metadata/labels/a~1b', value: 'new' },
    { op: 'add', path: '/metadata/labels/added', value: 'y' },
    { op: 'add', path: '/metadata/annotations', value: {} },
    { op: 'add', path: '/metadata/annotations/note', value: 'z' },
  ]);
});

test('tests a field before it is removed', () => {
  expect(metadataPatch(node, { labels: { keep: null } })).toEqual([
    { op: 'test', path: '/metadata/uid', value: 'u1' },
    { op: 'test', path: '/metadata/labels/keep', value: 'x' },
    { op: 'remove', path: '/metadata/labels/keep' },
  ]);
});

test('is empty when nothing differs', () => {
  expect(metadataPatch(node, { labels: { keep: 'x', gone: null } })).toEqual([]);
});

test('changes that depend on the whole object test its version', () => {
  expect(metadataPatch(node, { labels: { keep: null } }, { isWhole: true })[1]).toEqual({
    op: 'test',
    path: '/metadata/resourceVersion',
    value: '7',
  });
});

test('removing the last taint removes the list, and other taints change nothing', () => {
  const taints = [{ key: 'kata', effect: 'NoSchedule' }];

  expect(taintPatch({ uid: 'u1', taints }, [{ key: 'kata', effect: undefined }])).toEqual([
    { op: 'test', path: '/metadata/uid', value: 'u1' },
    { op: 'test', path: '/spec/taints', value: taints },
    { op: 'remove', path: '/spec/taints' },
  ]);
  expect(taintPatch({ uid: 'u1', taints }, [{ key: 'kata', effect: 'NoExecute' }])).toEqual([]);
  expect(taintPatch({ uid: 'u1', taints }, [{ key: 'gpu', effect: undefined }])).toEqual([]);
});
