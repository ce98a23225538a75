import { PassThrough } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { systemClock } from '@kata/core';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createEmitter, type Emit } from './event.ts';
import type { ProgressEvent } from './progress.ts';
import { createTerminalReporter } from './terminal-reporter.ts';

beforeEach(async () => {
  // Loading takes real time.
  await import('log-update');
  vi.useFakeTimers({ now: Date.parse('2026-01-01') });
});

afterEach(() => {
  vi.useRealTimers();
});

function open(rows = 24): {
  readonly drawn: () => readonly string[];
  readonly on: (node?: string) => Emit<ProgressEvent>;
} {
  const stream = Object.assign(new PassThrough(), { isTTY: true, columns: 120, rows });
  const reporter = createTerminalReporter({
    stream: stream as unknown as NodeJS.WriteStream,
    clock: systemClock,
  });
  return {
    drawn: () =>
      stripVTControlCharacters(String(stream.read() ?? ''))
        .split('\n')
        .map((line) => line.trimEnd())
        .filter((line) => line !== ''),
    on: (node) => createEmitter(reporter, { ...systemClock, node }),
  };
}

test('ended tasks scroll up, running ones stay at the bottom, and nothing stays there after the end', async () => {
  const { drawn, on } = open();
  const emit = on();

  emit({ kind: 'tasks.planned', tasks: ['kube', 'cni'] });
  emit({ kind: 'task.started', task: 'kube' });
  emit({ kind: 'task.progress', task: 'kube', detail: 'compiling' });
  await vi.advanceTimersByTimeAsync(200);
  expect(drawn()).toEqual(['⠸ kube                            0.2s  compiling', '  then: cni']);
  emit({ kind: 'note', message: 'Go is old.' });
  expect(drawn()).toEqual(['Go is old.', '⠸ kube                            0.2s  compiling', '  then: cni']);
  emit({ kind: 'task.done', task: 'kube', detail: 'built' });
  await vi.advanceTimersByTimeAsync(1000);

  expect(drawn()).toEqual(['✔ kube                            0.2s  built']);
});

test('a command that ends before the first frame draws nothing', async () => {
  const { drawn, on } = open();

  on()({ kind: 'task.started', task: 'kube' });
  on()({ kind: 'task.failed', task: 'kube', error: 'no Go' });
  await vi.advanceTimersByTimeAsync(1000);

  expect(drawn()).toEqual(['✘ kube                            0.0s  no Go']);
});

test('tasks on many nodes leave free lines on the screen', async () => {
  const { drawn, on } = open(7);

  for (const node of ['n1', 'n2', 'n3', 'n4', 'n5']) on(node)({ kind: 'task.started', task: 'upgrade' });
  await vi.advanceTimersByTimeAsync(200);

  expect(drawn()).toEqual([
    '⠸ n1: upgrade                     0.2s',
    '⠸ n2: upgrade                     0.2s',
    '⠸ n3: upgrade                     0.2s',
    '  and 2 more',
  ]);
});
