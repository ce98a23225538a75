import { expect, test } from 'vitest';
import { formatSeconds, TaskBoard } from './task-board.ts';

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

test('the summary follows the events', () => {
  const board = new TaskBoard();
  const lines: string[] = [];
  const apply = (event: Parameters<TaskBoard['apply']>[0], nowMs: number): void => {
    board.apply(event, nowMs);
    lines.push(board.summary(nowMs + 1000));
  };

  apply({ kind: 'tasks.planned', titles: ['kube', 'shim', 'cni'] }, 0);
  apply({ kind: 'task.started', title: 'kube' }, 0);
  apply({ kind: 'task.started', title: 'shim' }, 63_000);
  apply({ kind: 'task.detail', title: 'kube', detail: 'compiling' }, 63_000);
  apply({ kind: 'note', text: 'anything' }, 63_000);
  apply({ kind: 'task.done', title: 'kube', seconds: 64, detail: 'built' }, 64_000);
  apply({ kind: 'task.failed', title: 'shim', seconds: 2, message: 'no Go' }, 65_000);
  apply({ kind: 'task.started', title: 'unplanned' }, 65_000);

  expect(lines).toEqual([
    '0 of 3 done; then: kube, shim, cni',
    '0 of 3 done; now: kube 1.0s; then: shim, cni',
    '0 of 3 done; now: kube 1m04s, shim 1.0s; then: cni',
    '0 of 3 done; now: kube 1m04s (compiling), shim 1.0s; then: cni',
    '0 of 3 done; now: kube 1m04s (compiling), shim 1.0s; then: cni',
    '1 of 3 done; now: shim 2.0s; then: cni',
    '2 of 3 done; then: cni',
    '2 of 4 done; now: unplanned 1.0s; then: cni',
  ]);
});

test('a detail of a task that does not run is ignored', () => {
  const board = new TaskBoard();

  board.apply({ kind: 'task.detail', title: 'kube', detail: 'compiling' }, 0);

  expect(board.summary(0)).toBe('0 of 0 done');
});
