import { systemClock } from '@kata/core';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createEmitter, type Emit } from './event.ts';
import { createLinesReporter } from './lines-reporter.ts';
import type { ProgressEvent } from './progress.ts';

beforeEach(() => {
  vi.useFakeTimers({ now: Date.parse('2026-01-01') });
});

afterEach(() => {
  vi.useRealTimers();
});

function open(): { readonly lines: string[]; readonly on: (node?: string) => Emit<ProgressEvent> } {
  const lines: string[] = [];
  const reporter = createLinesReporter({ write: (line) => lines.push(line), clock: systemClock });
  return { lines, on: (node) => createEmitter(reporter, { ...systemClock, node }) };
}

test.each<[ProgressEvent, string | undefined]>([
  [{ kind: 'tasks.planned', tasks: ['kube'] }, undefined],
  [{ kind: 'task.started', task: 'kube' }, undefined],
  [{ kind: 'task.started', task: 'kube', isLong: true }, 'kube …'],
  [{ kind: 'task.progress', task: 'kube', detail: 'compiling' }, undefined],
  [{ kind: 'task.done', task: 'kube', detail: 'built' }, 'kube: built'],
  [{ kind: 'task.failed', task: 'kube', error: 'no Go' }, 'failed: kube: no Go'],
  [{ kind: 'note', message: 'That was it.' }, 'That was it.'],
])('%j prints %j, with its time and node', (event, text) => {
  const { lines, on } = open();

  on()(event);
  on('n1')(event);

  const time = '2026-01-01T00:00:00.000Z';
  expect(lines).toEqual(text === undefined ? [] : [`${time} ${text}`, `${time} n1: ${text}`]);
});

test('while a task is running there is a line every ten seconds, and none after its end', () => {
  const { lines, on } = open();
  const emit = on();

  vi.advanceTimersByTime(60_000);
  emit({ kind: 'tasks.planned', tasks: ['kube', 'cni'] });
  emit({ kind: 'task.started', task: 'kube' });
  vi.advanceTimersByTime(25_000);
  emit({ kind: 'task.done', task: 'kube', detail: '' });
  vi.advanceTimersByTime(60_000);
  emit({ kind: 'task.started', task: 'cni' });
  vi.advanceTimersByTime(900);
  emit({ kind: 'task.done', task: 'cni', detail: '' });
  vi.advanceTimersByTime(60_000);

  expect(lines).toEqual([
    '2026-01-01T00:01:10.000Z   … 0 of 2 done; now: kube 10s; then: cni',
    '2026-01-01T00:01:20.000Z   … 0 of 2 done; now: kube 20s; then: cni',
    '2026-01-01T00:01:25.000Z kube (25s)',
    '2026-01-01T00:02:25.900Z cni',
  ]);
});

test('durations do not depend on the clock that administrators set', () => {
  const { lines, on } = open();
  const emit = on();

  emit({ kind: 'task.started', task: 'kube' });
  vi.advanceTimersByTime(10_000);
  vi.setSystemTime('2025-12-31T23:00:00Z');
  vi.advanceTimersByTime(15_000);
  emit({ kind: 'task.done', task: 'kube', detail: '' });

  expect(lines).toEqual([
    '2026-01-01T00:00:10.000Z   … now: kube 10s',
    '2025-12-31T23:00:10.000Z   … now: kube 20s',
    '2025-12-31T23:00:15.000Z kube (25s)',
  ]);
});
