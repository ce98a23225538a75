import { afterEach, expect, test, vi } from 'vitest';
import { createLinesReporter, formatEvent } from './lines-reporter.ts';
import type { ProgressEvent } from './progress.ts';

afterEach(() => {
  vi.useRealTimers();
});

test.each<{ event: ProgressEvent; line: string | undefined }>([
  { event: { kind: 'tasks.planned', titles: ['kube'] }, line: undefined },
  { event: { kind: 'task.started', title: 'kube' }, line: undefined },
  { event: { kind: 'task.detail', title: 'kube', detail: 'compiling' }, line: undefined },
  {
    event: { kind: 'task.done', title: 'kube', seconds: 64, detail: 'built' },
    line: '✔ kube                           1m04s  built',
  },
  {
    event: { kind: 'task.done', title: 'kube', seconds: 0.3, detail: '' },
    line: '✔ kube                            0.3s',
  },
  {
    event: { kind: 'task.failed', title: 'kube', seconds: 12, message: 'no Go' },
    line: '✘ kube                             12s  no Go',
  },
  { event: { kind: 'note', text: 'That was it.' }, line: 'That was it.' },
])('$event.kind leaves $line', ({ event, line }) => {
  expect(formatEvent(event)).toBe(line);
});

test('what is going on is said now and then, and never after the end', () => {
  vi.useFakeTimers();
  const lines: string[] = [];
  const reporter = createLinesReporter((line) => lines.push(line));

  vi.advanceTimersByTime(60_000);
  reporter.report({ kind: 'tasks.planned', titles: ['kube', 'cni'] });
  reporter.report({ kind: 'task.started', title: 'kube' });
  vi.advanceTimersByTime(20_000);
  reporter.report({ kind: 'task.done', title: 'kube', seconds: 20, detail: '' });
  reporter.report({ kind: 'task.started', title: 'cni' });
  reporter.close();
  vi.advanceTimersByTime(60_000);

  expect(lines).toEqual([
    '  … 0 of 2 done; now: kube 20s; then: cni',
    '✔ kube                             20s',
  ]);
});
