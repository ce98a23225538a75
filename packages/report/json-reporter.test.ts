import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Stamped } from './event.ts';
import { createJsonReporter } from './json-reporter.ts';
import type { ProgressEvent } from './progress.ts';

interface Tick {
  readonly kind: 'tick';
  readonly count: number;
}
type Event = Tick | ProgressEvent;

const asProgress = (event: Event): ProgressEvent =>
  event.kind === 'tick' ? { kind: 'note', message: `tick ${event.count}` } : event;

function linesOf(
  events: readonly Stamped<Event>[],
  atMs: (index: number) => number = () => 0,
): readonly string[] {
  const lines: string[] = [];
  let index = 0;
  const report = createJsonReporter<Event>({
    write: (line) => lines.push(line),
    monotonicMs: () => atMs(index),
    asProgress,
  });
  for (const event of events) {
    report(event);
    index += 1;
  }
  return lines;
}

const time = '2026-01-01T00:00:00.000Z';

test('a line has time, node, kind, message and the fields of the kind, in this order', () => {
  expect(
    linesOf([
      { time, node: 'n1', kind: 'tick', count: 3 },
      { time, kind: 'note', message: 'two\nlines' },
      { time, kind: 'task.failed', task: 'kube', error: 'no Go' },
    ]),
  ).toEqual([
    `{"time":"${time}","node":"n1","kind":"tick","message":"tick 3","count":3}`,
    `{"time":"${time}","kind":"note","message":"two\\nlines"}`,
    `{"time":"${time}","kind":"task.failed","message":"failed: kube: no Go","task":"kube","error":"no Go"}`,
  ]);
});

test('progress of a task is written once a second, and at once after the task was started again', () => {
  const progress = (atMs: number, node: string): Stamped<Event> => ({
    // Somebody sets the clock back again and again.
    time: new Date(-3_600_000 * atMs).toISOString(),
    node,
    kind: 'task.progress',
    task: 'write',
    detail: String(atMs),
  });
  const timesMs = [0, 0, 999, 1000, 1500, 1500, 1501];

  const lines = linesOf(
    [
      progress(0, 'n1'),
      progress(0, 'n2'),
      progress(999, 'n1'),
      progress(1000, 'n1'),
      progress(1500, 'n1'),
      { time, node: 'n1', kind: 'task.started', task: 'write' },
      progress(1501, 'n1'),
    ],
    (index) => timesMs[index] ?? NaN,
  );

  const seen = lines.map((line) => JSON.parse(line) as { readonly node: string; readonly detail?: string });
  expect(seen.map(({ node, detail = 'started' }) => `${node} ${detail}`)).toEqual([
    'n1 0',
    'n2 0',
    'n1 1000',
    'n1 started',
    'n1 1501',
  ]);
});

test('an event with any text is one line, and parsing that line returns the event', () => {
  const text = fc.string({
    unit: fc.constantFrom('a', '"', '\\', '\n', '\r', '\u2028', '\u0000', '😀', '\ud83d'),
  });
  const event = fc.record({
    time: fc.constant(time),
    node: text,
    kind: fc.constant('task.done' as const),
    task: text,
    detail: text,
  });
  fc.assert(
    fc.property(event, (one) => {
      const [line = '', ...others] = linesOf([one]);

      expect(others).toEqual([]);
      expect(line).not.toContain('\n');
      expect(JSON.parse(line)).toMatchObject(one);
    }),
  );
});
