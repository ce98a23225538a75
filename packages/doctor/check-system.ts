/** Checks SELinux, systemd and running sandboxes. */
import { type CheckResult, hiddenResult } from './check-result.ts';
import { sandboxNotes } from '@kata/installer';
import type { DoctorFacts } from './facts.ts';

export function checkSelinux({ kernel }: DoctorFacts): readonly CheckResult[] {
  const check = 'selinux';
  const why = 'when SELinux is enforcing, shims and hypervisors start only with the right file labels';
  switch (kernel.selinux) {
    case 'hidden':
      return [hiddenResult(check, why, '/sys/fs/selinux')];
    case 'enforcing': {
      const next =
        'check that the policy labels the files of the installation; to find denials, run: ausearch -m AVC';
      return [{ check, state: 'warning', seen: 'SELinux is enforcing', why, next }];
    }
    case 'permissive':
    case 'disabled':
      return [{ check, state: 'ok', seen: `SELinux is ${kernel.selinux}`, why }];
  }
}

export function checkSystemd({ systemd }: DoctorFacts): readonly CheckResult[] {
  const check = 'systemd';
  const why = 'the installer restarts the container runtime through systemd';
  const { privateSocket, busSocket } = systemd;
  if (privateSocket === 'present') {
    return [{ check, state: 'ok', seen: '/run/systemd/private exists', why }];
  }
  if (privateSocket === 'hidden') return [hiddenResult(check, why, '/run/systemd')];
  const seen = '/run/systemd/private does not exist';
  switch (busSocket) {
    case 'present':
      return [
        {
          check,
          state: 'warning',
          seen: `${seen}; only the system bus does`,
          why: `${why}; AppArmor often denies the system bus to containers`,
          next: 'find out why the private socket of systemd is missing: ls -l /run/systemd',
        },
      ];
    case 'hidden':
      return [hiddenResult(check, why, '/run/dbus')];
    case 'absent':
      return [{ check, state: 'problem', seen, why, next: 'use a machine that runs systemd' }];
  }
}

export function checkSandboxes({ sandboxes }: DoctorFacts): readonly CheckResult[] {
  const check = 'sandboxes';
  const why =
    'a removal waits until all Kata sandboxes have ended; until then their releases and handlers stay';
  if (sandboxes.kind === 'hidden') return [hiddenResult(check, why, sandboxes.directory)];
  const { view } = sandboxes;
  const seen = `running Kata sandboxes: ${view.running.length}`;
  const notes = sandboxNotes(view);
  if (notes.length === 0) return [{ check, state: 'ok', seen, why }];
  return [{ check, state: 'warning', seen, why, next: notes.join('; ') }];
}
