import { expect, test } from 'vitest';
import { findProblems, hasOddHandlers, loadedAfter, type Inspection, type Observation } from './check.ts';
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
  { title: 'it serves and says so', model: installed, now: {} },
  { title: 'its removal waits for a pod, labels stay', model: pending, now: {} },
  { title: 'nothing is there and nothing is said', model: bare, now: empty },
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
    title: 'a label that is gone while a pod runs',
    model: pending,
    now: { labels: { ...labels, 'katacontainers.io/kata-runtime': 'false' } },
    wrong: ['label katacontainers.io/kata-runtime is false and should be true'],
  },
  {
    title: 'a label of a handler that is not served',
    model: installed,
    now: { labels: { ...labels, 'handler.katacontainers.io/kata-clh': 'true' } },
    wrong: ['label handler.katacontainers.io/kata-clh is true and nothing is served'],
  },
  {
    title: 'a setting of others that is out of force',
    model: installed,
    now: { foreign: { version: 3, timeouts: {} }, wanted: { version: 3, timeouts: { state: '7s' } } },
    wrong: ['settings of others are out of force: config.timeouts.state is undefined, wanted is "7s"'],
  },
  {
    title: 'a file that was left behind',
    model: bare,
    now: { ...empty, tree: ['etc', 'opt', 'opt/kata'] },
    wrong: ['the node is not as without us:\nfound opt/kata'],
  },
  {
    title: 'a folder that only we used',
    model: bare,
    now: { ...empty, tree: ['etc', confD, 'opt'] },
    wrong: [`the node is not as without us:\nfound ${confD}`],
  },
  {
    title: 'a verification that fails',
    model: installed,
    now: { verify: { exitCode: 7, output: 'shim' } },
    wrong: ['verify ends with 7:\nshim'],
  },
])('$title is found', ({ model, now, wrong }) => {
  expect(findProblems(inspect(model, now))).toEqual(wrong);
});

test('a handler that is needed and a runtime of others that was loaded are missed', () => {
  expect(findProblems(inspect(installed, { served: ['kata-clh'], labels: {} }, ['team-a']))).toEqual(
    expect.arrayContaining(['the engine does not serve kata-qemu', 'the engine does not serve team-a']),
  );
});

test('what others wrote counts as loaded once the engine has started, until it is out of the files', () => {
  const edited: NodeModel = { ...bare, edits: ['runtime team-a', 'drop-in'] };

  expect(loadedAfter([], edited, false)).toEqual([]);
  expect(loadedAfter([], edited, true)).toEqual(['team-a', 'team-c']);
  expect(loadedAfter(['team-a', 'team-c'], { ...bare, edits: ['drop-in'] }, false)).toEqual(['team-c']);
});

test('a handler that only a pod kept may go with the next run', () => {
  expect(hasOddHandlers(installed, ['runc', 'kata-qemu', 'kata-clh'])).toBe(true);
  expect(hasOddHandlers(installed, ['runc', 'kata-qemu'])).toBe(false);
});
