import { describe, expect, test } from 'vitest';
import { formatStatus } from './format-status.ts';
import type { InstallationStatus } from './installation-status.ts';
import type { ReportedStatus } from './reported-status.ts';

const status: InstallationStatus = {
  prefix: '/opt/kata',
  engine: 'containerd 2.2.1',
  engineProblem: null,
  current: '3.24.0-0123abcd',
  previous: null,
  releases: ['3.24.0-0123abcd'],
  handlers: [{ name: 'kata-qemu', served: true }],
  sandboxes: ['0123456789abcdef'],
  pods: 'default/web',
  notes: [],
  interrupted: null,
  hold: null,
  undecided: null,
};

test('an installation that serves', () => {
  expect(formatStatus(status)).toBe(
    `Installation  /opt/kata, on containerd 2.2.1
Release       3.24.0-0123abcd
Rollback to   none
Handlers      kata-qemu served
Pods          1 running: default/web`,
  );
});

// Issue 12.11.
test('an unresponsive container runtime is reported, and handlers are unknown', () => {
  const unresponsive: InstallationStatus = {
    ...status,
    engine: 'the container runtime',
    engineProblem: 'does not answer: no socket',
    handlers: [{ name: 'kata-qemu', served: null }],
    pods: '0123456789abc',
    notes: ['counted by its directory'],
  };

  expect(formatStatus(unresponsive)).toBe(
    `Installation  /opt/kata, on the container runtime
Runtime       container runtime does not answer: no socket
Release       3.24.0-0123abcd
Rollback to   none
Handlers      kata-qemu (unknown)
Pods          1 running: 0123456789abc
Note          counted by its directory`,
  );
  expect(formatStatus({ ...unresponsive, current: null })).toBe(
    `Nothing is installed in /opt/kata (the container runtime).
Runtime       container runtime does not answer: no socket
Pods          1 running: 0123456789abc
Note          counted by its directory`,
  );
});

test('issue 12.21: an interrupted run and an unknown cleanup decision are reported also where nothing is installed', () => {
  const undecided = { since: '2026-01-01T00:00:00.000Z', reason: 'KATA_KUBE_UNREACHABLE: no answer' };
  const bare = { ...status, current: null, sandboxes: [], pods: '' };
  const begun = { ...bare, interrupted: 'an installation of 3.24.0', undecided };

  expect(formatStatus(begun)).toBe(
    `Nothing is installed in /opt/kata (containerd 2.2.1).
Interrupted   an installation of 3.24.0
Cleanup       decision unknown since 2026-01-01T00:00:00.000Z: KATA_KUBE_UNREACHABLE: no answer
              to keep the installation: kata-deploy install --once; to remove it: kata-deploy cleanup`,
  );
});

describe('what the node reports', () => {
  const failed = {
    phase: 'failed',
    reason: 'InstallFailed',
    version: '3.24.0',
    release: '3.24.0-0123abcd',
    time: '2026-01-01T00:00:00.000Z',
    code: 'KATA_STORE_SPACE',
    message: 'the disk is full',
  };
  const linesOf = (reported: ReportedStatus, more: Partial<InstallationStatus> = {}): readonly string[] =>
    formatStatus({ ...status, ...more, reported }).split('\n');
  const of = (now: object): ReportedStatus => ({ node: 'n1', status: { ...failed, ...now }, problem: null });

  test.each<[string, ReportedStatus, string]>([
    [
      'a failure',
      of({}),
      'Node status   failed (InstallFailed) since 2026-01-01T00:00:00.000Z: KATA_STORE_SPACE: the disk is full',
    ],
    [
      'a reason without an error',
      of({ phase: 'held', reason: 'NotApproved', code: undefined, message: undefined }),
      'Node status   held (NotApproved) since 2026-01-01T00:00:00.000Z: no release is approved for this node',
    ],
    [
      'a reason of a newer version',
      of({ phase: 'paused', reason: 'ForLunch', code: undefined, message: undefined }),
      'Node status   paused (ForLunch) since 2026-01-01T00:00:00.000Z',
    ],
    [
      'an API server that does not answer',
      { node: 'n1', status: null, problem: 'cannot read node "n1"' },
      'Node status   unknown: cannot read node "n1"',
    ],
  ])('%s is the second line', (_, reported, line) => {
    expect(linesOf(reported)[1]).toBe(line);
    expect(linesOf(reported, { current: null })[1]).toBe(line);
    expect(linesOf(reported).toSpliced(1, 1).join('\n')).toBe(formatStatus(status));
  });

  test.each<[string, ReportedStatus]>([
    ['that is installed', of({ phase: 'installed', reason: 'Installed' })],
    ['without a status', { node: 'n1', status: null, problem: null }],
  ])('of a node %s is left out', (_, reported) => {
    expect(formatStatus({ ...status, reported })).toBe(formatStatus(status));
  });
});
