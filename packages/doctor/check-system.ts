/** What of the machine's own software matters: SELinux, systemd, and sandboxes that live. */
import { type CheckResult, hiddenResult } from './check-result.ts';
import { sandboxNotes } from '@kata/installer';
import type { DoctorFacts } from './facts.ts';

export function checkSelinux({ kernel }: DoctorFacts): readonly CheckResult[] {
  const check = 'selinux';
  const why = 'where SELinux enforces, the engine may start shims and hypervisors only with the right labels';
  switch (kernel.selinux) {
    case 'hidden':
      return [hiddenResult(check, why, '/sys/fs/selinux')];
    case 'enforcing': {
      const next = 'let the policy label the files of the installation, or look for denials: ausearch -m AVC';
      return [{ check, state: 'warning', seen: 'SELinux is enforcing', why, next }];
    }
    case 'permissive':
    case 'disabled':
      return [{ check, state: 'ok', seen: `SELinux is ${kernel.selinux}`, why }];
  }
}

export function checkSystemd({ systemd }: DoctorFacts): readonly CheckResult[] {
  const check = 'systemd';
  const why = 'the engine is restarted through systemd';
  const { privateSocket, busSocket } = systemd;
  if (privateSocket === 'present') {
    return [{ check, state: 'ok', seen: '/run/systemd/private is there', why }];
  }
  if (privateSocket === 'hidden') return [hiddenResult(check, why, '/run/systemd')];
  const seen = '/run/systemd/private is not there';
  switch (busSocket) {
    case 'present':
      return [
        {
          check,
          state: 'warning',
          seen: `${seen}; only the system bus is`,
          why: `${why}; over the system bus, AppArmor often refuses it to containers`,
          next: 'find out why systemd has no private socket: ls -l /run/systemd',
        },
      ];
    case 'hidden':
      return [hiddenResult(check, why, '/run/dbus')];
    case 'absent':
      return [{ check, state: 'problem', seen, why, next: 'use a machine that systemd runs' }];
  }
}

export function checkSandboxes({ sandboxes }: DoctorFacts): readonly CheckResult[] {
  const check = 'sandboxes';
  const why = 'while any is running, its release and all handlers stay: a removal waits for them';
  if (sandboxes.kind === 'hidden') return [hiddenResult(check, why, sandboxes.directory)];
  const { view } = sandboxes;
  const seen = `${view.running.length} Kata sandboxes are running`;
  const notes = sandboxNotes(view);
  if (notes.length === 0) return [{ check, state: 'ok', seen, why }];
  return [{ check, state: 'warning', seen, why, next: notes.join('; ') }];
}
