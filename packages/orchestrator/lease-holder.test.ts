import { expect, test } from 'vitest';
import { asProgress } from './events.ts';
import { describeHolder, processHolder, workflowHolder } from './lease-holder.ts';

test.each([
  [workflowHolder('4c1d'), 'the workflow with the uid 4c1d'],
  ['build-7-412-0af3', 'process 412 on build-7'],
  ['them', 'them'],
])('%s is %s', (holder, text) => {
  expect(describeHolder(holder)).toBe(text);
});

test('a process has a name of its own', () => {
  expect(describeHolder(processHolder())).toContain(`process ${process.pid} on `);
  expect(processHolder()).not.toBe(processHolder());
});

test('whoever waits says for whom, and until when', () => {
  const until = '2026-01-01T10:02:00.000Z';

  expect(asProgress({ kind: 'run.waiting', holder: workflowHolder('4c1d'), until })).toEqual({
    kind: 'note',
    message:
      'waiting until 10:02:00 UTC at the latest: the workflow with the uid 4c1d holds the Lease of the runs, and may have ended',
  });
});
