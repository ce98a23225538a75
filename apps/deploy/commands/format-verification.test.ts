import type { Verification } from '@kata/installer';
import { expect, test } from 'vitest';
import { formatVerification } from './format-verification.ts';

const sound: Verification = {
  prefix: '/opt/kata',
  release: '3.24.0-0123abcd',
  compared: 9,
  handlers: ['kata-qemu', 'kata-clh'],
  findings: [],
};

test.each<[string, Partial<Verification>, string]>([
  ['nothing', { release: null }, 'Nothing is installed in /opt/kata.'],
  [
    'a sound installation',
    {},
    'Release 3.24.0-0123abcd in /opt/kata: 9 entries compared, 2 handlers.\nAll is as it was installed.',
  ],
  [
    'a file of the container runtime that cannot be loaded, which no repair corrects',
    {
      findings: [
        {
          area: 'engine',
          state: 'problem',
          subject: 'containerd',
          problem: 'configuration',
          found: '/etc/containerd/config.toml is not valid TOML at line 12',
          expected: 'a configuration that can be loaded',
        },
      ],
    },
    `Release 3.24.0-0123abcd in /opt/kata: 9 entries compared, 2 handlers.

STATE    AREA    WHAT        WRONG          FOUND                                                     EXPECTED
problem  engine  containerd  configuration  /etc/containerd/config.toml is not valid TOML at line 12  a configuration that can be loaded

Problems: 1.
  next: correct the configuration of the container runtime: /etc/containerd/config.toml is not valid TOML at line 12`,
  ],
  [
    'a damaged one',
    {
      findings: [
        {
          area: 'release',
          state: 'problem',
          subject: 'bin/qemu',
          problem: 'content',
          found: '0123456789abcdef'.repeat(4),
          expected: 'fedcba9876543210'.repeat(4),
        },
        {
          area: 'release',
          state: 'information',
          subject: 'share/notes.txt',
          problem: 'surplus',
          found: 'a file',
          expected: 'nothing',
        },
      ],
    },
    `Release 3.24.0-0123abcd in /opt/kata: 9 entries compared, 2 handlers.

STATE        AREA     WHAT             WRONG    FOUND         EXPECTED
problem      release  bin/qemu         content  0123456789ab  fedcba987654
information  release  share/notes.txt  surplus  a file        nothing

Problems: 1.
  next: with the image of version 3.24.0: kata-deploy install --once --repair`,
  ],
  // Issue 12.11.
  [
    'one whose container runtime does not answer',
    {
      findings: [
        {
          area: 'engine',
          state: 'problem',
          subject: 'containerd',
          problem: 'silent',
          found: 'no socket',
          expected: 'an answer',
        },
      ],
    },
    `Release 3.24.0-0123abcd in /opt/kata: 9 entries compared, 2 handlers.

STATE    AREA    WHAT        WRONG   FOUND      EXPECTED
problem  engine  containerd  silent  no socket  an answer

Problems: 1.
  container runtime does not answer: no socket
  next: systemctl status containerd; what it serves was not verified`,
  ],
])('shows %s', (_, part, text) => {
  expect(formatVerification({ ...sound, ...part })).toBe(text);
});
