import { expect, test } from 'vitest';
import { createEmitter, type Stamped } from './event.ts';
import type { ProgressEvent } from './progress.ts';

test('an emitter stamps time and node; several share a reporter', () => {
  const seen: Stamped<ProgressEvent>[] = [];
  let nowMs = Date.parse('2026-01-01');
  const now = (): Date => new Date((nowMs += 1500));
  const report = (event: Stamped<ProgressEvent>): void => void seen.push(event);

  createEmitter(report, { now, node: 'n1' })({ kind: 'note', message: 'one' });
  createEmitter(report, { now, node: 'n2' })({ kind: 'note', message: 'two' });
  createEmitter(report, { now })({ kind: 'note', message: 'no cluster' });

  expect(seen).toStrictEqual([
    { time: '2026-01-01T00:00:01.500Z', node: 'n1', kind: 'note', message: 'one' },
    { time: '2026-01-01T00:00:03.000Z', node: 'n2', kind: 'note', message: 'two' },
    { time: '2026-01-01T00:00:04.500Z', kind: 'note', message: 'no cluster' },
  ]);
});
