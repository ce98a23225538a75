/** Checks that the installation prefix is writable, executable and large enough. */
import { posix } from 'node:path';
import { describeMount, type HostPath } from '@kata/host';
import type { Settings } from '@kata/settings';
import { type CheckResult, hiddenResult } from './check-result.ts';
import type { DoctorFacts } from './facts.ts';

export function checkPrefix(facts: DoctorFacts, settings: Settings): readonly CheckResult[] {
  const check = 'prefix';
  const why = 'releases are written there, and the container runtime runs shims and hypervisors from there';
  const { mount } = facts;
  if (mount === undefined) return [hiddenResult(check, why, posix.dirname(settings.prefix) as HostPath)];
  const wrong = ['ro', 'noexec'].filter((option) => mount.options.includes(option));
  const place = `${settings.prefix} is on the mount ${mount.point}`;
  if (wrong.length === 0)
    return [{ check, state: 'ok', seen: `${place}, which is writable and executable`, why }];
  return [
    {
      check,
      state: 'problem',
      seen: `${place}, which is ${wrong.join(' and ')}`,
      why,
      next: 'remount it with rw and exec, or set INSTALLATION_PREFIX (chart value env.installationPrefix) to a directory on such a mount',
    },
  ];
}

export function checkSpace(facts: DoctorFacts, settings: Settings): readonly CheckResult[] {
  const check = 'space';
  const why = 'a new release is written completely before it replaces the current one';
  const { mount, space } = facts;
  if (mount === undefined) return [hiddenResult(check, why, posix.dirname(settings.prefix) as HostPath)];
  if (space.kind === 'unknown') {
    const next =
      'run it in the installer image, or set KATA_PAYLOAD to the directory that contains payload.json';
    return [{ check, state: 'unknown', seen: space.message, why, next }];
  }
  const { neededBytes, freeBytes } = space;
  const seen = `${settings.prefix} needs ${Math.ceil(neededBytes / 1e6)} MB, and ${Math.floor(freeBytes / 1e6)} MB are free on ${describeMount(mount)}`;
  return freeBytes >= neededBytes
    ? [{ check, state: 'ok', seen, why }]
    : [
        {
          check,
          state: 'problem',
          seen,
          why,
          next: 'free some space there, or remove old releases: kata-deploy releases prune',
        },
      ];
}
