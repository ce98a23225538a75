import { expect, test } from 'vitest';
import { metadataPatch } from './json-patch.ts';

const node = { uid: 'u1', labels: { 'a/b': 'old', keep: 'x' }, annotations: {} };

test('changes only what differs, and tests the object and each field first', () => {
  expect(
    metadataPatch(node, {
      labels: { 'a/b': 'new', keep: 'x', gone: null, added: 'y' },
      annotations: { note: 'z' },
    }),
  ).toEqual([
    { op: 'test', path: '/metadata/uid', value: 'u1' },
    { op: 'test', path: '/metadata/labels/a~1b', value: 'old' },
    { op: 'replace', path: '/metadata/labels/a~1b', value: 'new' },
    { op: 'add', path: '/metadata/labels/added', value: 'y' },
    { op: 'add', path: '/metadata/annotations', value: {} },
    { op: 'add', path: '/metadata/annotations/note', value: 'z' },
  ]);
});

test('removes with a test of what it removes', () => {
  expect(metadataPatch(node, { labels: { keep: null } })).toEqual([
    { op: 'test', path: '/metadata/uid', value: 'u1' },
    { op: 'test', path: '/metadata/labels/keep', value: 'x' },
    { op: 'remove', path: '/metadata/labels/keep' },
  ]);
});

test('is empty when nothing differs', () => {
  expect(metadataPatch(node, { labels: { keep: 'x', gone: null } })).toEqual([]);
});
