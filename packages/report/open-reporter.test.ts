import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { openReporter, type ProgressMode } from './open-reporter.ts';
import type { ProgressEvent } from './progress.ts';

interface Greeting {
  readonly kind: 'greeting';
  readonly name: string;
}

const time = '2026-01-01T00:00:00.000Z';

test.each<[ProgressMode, boolean, string]>([
  ['auto', true, 'n1: Hello Ada'],
  ['auto', false, `${time} n1: Hello Ada`],
  ['plain', true, `${time} n1: Hello Ada`],
  ['plain', false, `${time} n1: Hello Ada`],
  ['json', true, `{"time":"${time}","node":"n1","kind":"greeting","message":"Hello Ada","name":"Ada"}`],
  ['json', false, `{"time":"${time}","node":"n1","kind":"greeting","message":"Hello Ada","name":"Ada"}`],
])('%s, in a terminal: %s', (mode, isTTY, line) => {
  const stream = Object.assign(new PassThrough(), { isTTY });
  const asProgress = ({ name }: Greeting): ProgressEvent => ({ kind: 'note', message: `Hello ${name}` });
  const report = openReporter(mode, {
    stream: stream as unknown as NodeJS.WriteStream,
    clock: { now: () => new Date(time), monotonicMs: () => 0 },
    asProgress,
  });

  report({ time, node: 'n1', kind: 'greeting', name: 'Ada' });

  expect(String(stream.read())).toBe(`${line}\n`);
});
