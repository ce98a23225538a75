import { expect, test } from 'vitest';
import { findProblems, hasUnusedHandlers, loadedAfter, type Inspection, type Observation } from './check.ts';
import { type NodeModel, startModel } from './model.ts';

const bare = startModel('n1', { importsConfD: true, schema: 3 });
const installed: NodeModel = { ...bare, current: { payload: '3.24.0', settings: 'one shim' } };
const pending: NodeModel = {
  ...installed,
  isPending: true,
  pods: [{ name: 'kata-qemu-1', handler: 'kata-qemu' }],
};

const labels = {
  'katacontainers.io/kata-runtime': 'true',
  'kata-deploy.katacontainers.io/default': 'true',
  'handler.katacontainers.io/kata-qemu': 'true',
};

const serving: Observation = {
  invocation: 'a',
  foreign: { version: 3 },
  wanted: { version: 3 },
  served: ['runc', 'kata-qemu'],
  verify: { exitCode: 0, output: '' },
  tree: ['etc', 'opt', 'opt/kata'],
  labels,
};

const inspect = (
  model: NodeModel,
  now: Partial<Observation>,
  loaded: readonly string[] = [],
): Inspection => ({
  model,
  now: { ...serving, ...now },
  loaded,
  treeWithoutUs: ['etc', 'opt'],
});

const confD = 'etc/containerd/conf.d d 755 0:0 ';

const empty: Partial<Observation> = {
  served: ['runc'],
  verify: { exitCode: 3, output: '' },
  tree: ['etc', 'opt'],
  labels: {},
};

test.each([
  { title: 'it serves and its labels are true', model: installed, now: {} },
  { title: 'its removal waits for a pod and its labels stay', model: pending, now: {} },
  { title: 'nothing is installed and no label is left', model: bare, now: empty },
  {
    title: 'a folder is left that both programs used',
    model: { ...bare, sharesConfD: true },
    now: { ...empty, tree: ['etc', confD, 'opt'] },
  },
])('nothing is wrong where $title', ({ model, now }) => {
  expect(findProblems(inspect(model, now))).toEqual([]);
});

test.each([
  {
    title: 'a label that is missing while a pod is running',
    model: pending,
    now: { labels: { ...labels, 'katacontainers.io/kata-runtime': 'false' } },
    wrong: ['label katacontainers.io/kata-runtime is false and should be true'],
  },
  {
    title: 'a label of a handler that is not served',
    model: installed,
    now: { labels: { ...labels, 'handler.katacontainers.io/kata-clh': 'true' } },
    wrong: ['label handler.katacontainers.io/kata-clh is true, but nothing is served'],
  },
  {
    title: 'a foreign setting that is not active',
    model: installed,
    now: { foreign: { version: 3, timeouts: {} }, wanted: { version: 3, timeouts: { state: '7s' } } },
    wrong: ['foreign settings are not active: config.timeouts.state is undefined, expected "7s"'],
  },
  {
    title: 'a file that was left behind',
    model: bare,
    now: { ...empty, tree: ['etc', 'opt', 'opt/kata'] },
    wrong: ['the node differs from its state without Kata:\nfound opt/kata'],
  },
  {
    title: 'a folder that only we used',
    model: bare,
    now: { ...empty, tree: ['etc', confD, 'opt'] },
    wrong: [`the node differs from its state without Kata:\nfound ${confD}`],
  },
  {
    title: 'a verification that fails',
    model: installed,
    now: { verify: { exitCode: 7, output: 'shim' } },
    wrong: ['verify failed with exit code 7:\nshim'],
  },
])('$title is found', ({ model, now, wrong }) => {
  expect(findProblems(inspect(model, now))).toEqual(wrong);
});

test('a needed handler and a loaded foreign runtime that are not served are found', () => {
  expect(findProblems(inspect(installed, { served: ['kata-clh'], labels: {} }, ['team-a']))).toEqual(
    expect.arrayContaining(['the engine does not serve kata-qemu', 'the engine does not serve team-a']),
  );
});

test('a foreign runtime counts as loaded after a start of the engine, until it is removed from the files', () => {
  const edited: NodeModel = { ...bare, edits: ['runtime team-a', 'drop-in'] };

  expect(loadedAfter([], edited, false)).toEqual([]);
  expect(loadedAfter([], edited, true)).toEqual(['team-a', 'team-c']);
  expect(loadedAfter(['team-a', 'team-c'], { ...bare, edits: ['drop-in'] }, false)).toEqual(['team-c']);
});

test('a handler that was only retained for a pod is removed by the next run', () => {
  expect(hasUnusedHandlers(installed, ['runc', 'kata-qemu', 'kata-clh'])).toBe(true);
  expect(hasUnusedHandlers(installed, ['runc', 'kata-qemu'])).toBe(false);
});
