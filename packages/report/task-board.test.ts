import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ProgressEvent } from './progress.ts';
import { firstOf, formatSeconds, TaskBoard } from './task-board.ts';

test.each([
  [0, '0.0s'],
  [0.44, '0.4s'],
  [9.94, '9.9s'],
  [10, '10s'],
  [59.4, '59s'],
  [59.5, '1m00s'],
  [64, '1m04s'],
  [3599, '59m59s'],
  [3600, '60m00s'],
])('%d seconds are %s', (seconds, text) => {
  expect(formatSeconds(seconds)).toBe(text);
});

test('a long list is truncated', () => {
  expect(firstOf(['a', 'b', 'c', 'd', 'e'])).toBe('a, b, c, d, e');
  expect(firstOf(['a', 'b', 'c', 'd', 'e', 'f', 'g'])).toBe('a, b, c, d, e and 2 more');
});

function apply(board: TaskBoard, event: ProgressEvent, atMs: number, node?: string): number | undefined {
  const place = node === undefined ? {} : { node };
  return board.apply({ time: '2026-01-01T00:00:00.000Z', ...place, ...event }, atMs);
}

test('the summary follows the events', () => {
  const board = new TaskBoard();
  const steps: readonly [number, ProgressEvent][] = [
    [0, { kind: 'tasks.planned', tasks: ['kube', 'shim', 'cni'] }],
    [0, { kind: 'task.started', task: 'kube' }],
    [63_000, { kind: 'task.started', task: 'shim', detail: 'again' }],
    [63_000, { kind: 'task.progress', task: 'kube', detail: 'compiling' }],
    [63_000, { kind: 'note', message: 'anything' }],
    [64_000, { kind: 'task.done', task: 'kube', detail: 'built' }],
    [65_000, { kind: 'task.failed', task: 'shim', error: 'no Go' }],
    [65_000, { kind: 'task.started', task: 'unplanned' }],
  ];

  const seen = steps.map(([atMs, event]) => [apply(board, event, atMs), board.summary(atMs + 1000)]);

  expect(seen).toEqual([
    [undefined, '0 of 3 done; then: kube, shim, cni'],
    [undefined, '0 of 3 done; now: kube 1.0s; then: shim, cni'],
    [undefined, '0 of 3 done; now: kube 1m04s, shim 1.0s (again); then: cni'],
    [undefined, '0 of 3 done; now: kube 1m04s (compiling), shim 1.0s (again); then: cni'],
    [undefined, '0 of 3 done; now: kube 1m04s (compiling), shim 1.0s (again); then: cni'],
    [64, '1 of 3 done; now: shim 2.0s (again); then: cni'],
    [2, '2 of 3 done; then: cni'],
    [undefined, '2 of 4 done; now: unplanned 1.0s; then: cni'],
  ]);
});

test('without a plan, nothing is counted', () => {
  const board = new TaskBoard();

  apply(board, { kind: 'task.started', task: 'kube' }, 0);

  expect(board.summary(1000)).toBe('now: kube 1.0s');
});

test('progress and end of a task that is not running are ignored', () => {
  const board = new TaskBoard();

  apply(board, { kind: 'task.progress', task: 'kube', detail: 'compiling' }, 0);

  expect(apply(board, { kind: 'task.done', task: 'kube', detail: '' }, 1000)).toBe(undefined);
  expect(board.summary(0)).toBe('');
});

test('tasks of the same name on several nodes are several tasks, in whatever order they begin and end', () => {
  const nodes = fc.uniqueArray(fc.constantFrom('n1', 'n2', 'n3', 'n4', 'n5'), { minLength: 1 });
  fc.assert(
    fc.property(nodes, nodes, (started, ended) => {
      const board = new TaskBoard();
      for (const [at, node] of started.entries()) {
        apply(board, { kind: 'task.started', task: 'upgrade' }, at * 1000, node);
      }
      const seconds = ended.map((node) =>
        apply(board, { kind: 'task.done', task: 'upgrade', detail: '' }, 60_000, node),
      );

      const ages = ended.map((node) => (started.includes(node) ? 60 - started.indexOf(node) : undefined));
      expect(seconds).toEqual(ages);
      const left = started.filter((node) => !ended.includes(node));
      expect([...board.running.keys()]).toEqual(left.map((node) => `${node}: upgrade`));
    }),
  );
});
