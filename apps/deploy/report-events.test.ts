import type { InstallerEvent } from '@kata/installer';
import { expect, test } from 'vitest';
import { reportEvents } from './report-events.ts';

const action = {
  kind: 'release.write',
  release: '1-a',
  components: [],
  replaces: false,
  bytes: 0,
  linked: 0,
  changes: [],
} as const;

/** A release of 100 files, one every 100 ms. */
const events: readonly InstallerEvent[] = [
  { kind: 'action.started', action, step: 0, of: 1 },
  ...Array.from({ length: 100 }, (_, i) => ({
    kind: 'release.progress' as const,
    release: '1-a',
    files: i + 1,
    filesTotal: 100,
    bytes: i,
    bytesTotal: 100,
  })),
  { kind: 'action.done', action, detail: '' },
];

function play(isTerminal: boolean): string {
  let text = '';
  let nowMs = Date.parse('2026-01-01');
  const report = reportEvents(
    (event) => (event.kind === 'release.progress' ? `${event.files}` : event.kind),
    {
      isTerminal,
      write: (part) => {
        text += part;
      },
      now: () => new Date(nowMs),
    },
  );
  for (const event of events) {
    report(event);
    nowMs += 100;
  }
  return text;
}

test('a log gets a line every five seconds', () => {
  expect(play(false).split('\n')).toEqual([
    '2026-01-01T00:00:00.000Z action.started',
    '2026-01-01T00:00:05.000Z   … 50',
    '2026-01-01T00:00:10.000Z   … 100',
    '2026-01-01T00:00:10.100Z action.done',
    '',
  ]);
});

test('a terminal shows one line that changes five times a second, and is gone at the end', () => {
  const text = play(true);

  expect(text.split('\n')).toHaveLength(3);
  expect(text.split('\r\u001B[K… ')).toHaveLength(1 + 50);
  expect(text.endsWith('\r\u001B[K2026-01-01T00:00:10.100Z action.done\n')).toBe(true);
});
