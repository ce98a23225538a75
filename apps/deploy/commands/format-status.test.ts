import { expect, test } from 'vitest';
import { formatStatus, type Status } from './format-status.ts';

const status: Status = {
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
test('an engine that does not answer is named, and what it would know is unknown', () => {
  const silent: Status = {
    ...status,
    engine: 'the container runtime',
    engineProblem: 'does not answer: no socket',
    handlers: [{ name: 'kata-qemu', served: null }],
    pods: '0123456789abc',
    notes: ['counted as running by its trace'],
  };

  expect(formatStatus(silent)).toBe(
    `Installation  /opt/kata, on the container runtime
Runtime       container runtime does not answer: no socket
Release       3.24.0-0123abcd
Rollback to   none
Handlers      kata-qemu (unknown)
Pods          1 running: 0123456789abc
Note          counted as running by its trace`,
  );
  expect(formatStatus({ ...silent, current: null })).toBe(
    `Nothing is installed in /opt/kata (the container runtime).
Runtime       container runtime does not answer: no socket`,
  );
});
