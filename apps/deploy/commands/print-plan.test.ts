import type { Action, RemovalPlan } from '@kata/installer';
import { afterEach, expect, test, vi } from 'vitest';
import { printPlan } from './print-plan.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

const action: Action = { kind: 'installation.remove', path: '/opt/kata' };
const nothing: RemovalPlan = { actions: [], notes: [], waitingFor: [], later: [], onFailure: 'finish later' };
const waiting: RemovalPlan = {
  ...nothing,
  notes: ['cleanup pending: 1 Kata pods are still running (default/web)'],
  waitingFor: ['0123456789abcdef'],
};

test.each<[string, RemovalPlan, string]>([
  ['that has something to do', { ...nothing, actions: [action] }, 'remove /opt/kata\n'],
  ['that has nothing to do', nothing, 'Nothing to do.\n'],
  [
    'that waits for pods',
    { ...waiting, later: [action] },
    `note: cleanup pending: 1 Kata pods are still running (default/web)
Nothing is removed now. When the Kata pods have ended, a removal does this:
remove /opt/kata
`,
  ],
  [
    'that waits for pods, and cannot tell what it removes',
    waiting,
    'note: cleanup pending: 1 Kata pods are still running (default/web)\nNothing is removed now.\n',
  ],
  [
    'that the container runtime blocks',
    { ...nothing, notes: ['it does not answer'], blocked: 'it does not answer' },
    'note: it does not answer\nNothing is removed now.\n',
  ],
])('a removal %s is printed as text', async (_, plan, printed) => {
  const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true);

  await printPlan(plan);

  expect(write.mock.calls.map(([text]) => text)).toEqual([printed]);
});
