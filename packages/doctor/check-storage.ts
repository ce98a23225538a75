/** Where Kata is installed: whether it can be written, run from, and is large enough. */
import { posix } from 'node:path';
import type { HostPath } from '@kata/host';
import type { Settings } from '@kata/settings';
import { type CheckResult, hiddenResult } from './check-result.ts';
import type { DoctorFacts } from './facts.ts';

export function checkPrefix(facts: DoctorFacts, settings: Settings): readonly CheckResult[] {
  const check = 'prefix';
  const why = 'releases are written there, and the engine runs shims and hypervisors from there';
  const { mount } = facts;
  if (mount === undefined) return [hiddenResult(check, why, posix.dirname(settings.prefix) as HostPath)];
  const wrong = ['ro', 'noexec'].filter((option) => mount.options.includes(option));
  const place = `${settings.prefix} is on the mount ${mount.point}`;
  if (wrong.length === 0) return [{ check, state: 'ok', seen: `${place}, writable, with execution`, why }];
  return [
    {
      check,
      state: 'problem',
      seen: `${place}, which is ${wrong.join(' and ')}`,
      why,
      next: 'mount it rw and exec, or set INSTALLATION_PREFIX (value env.installationPrefix) to a place that is',
    },
  ];
}

export function checkSpace(facts: DoctorFacts, settings: Settings): readonly CheckResult[] {
  const check = 'space';
  const why = 'a release is written whole beside the present one';
  const { mount, space } = facts;
  if (mount === undefined) return [hiddenResult(check, why, posix.dirname(settings.prefix) as HostPath)];
  if (space.kind === 'unknown') {
    const next = 'run it in the installer image, or set KATA_PAYLOAD to the folder of payload.json';
    return [{ check, state: 'unknown', seen: space.message, why, next }];
  }
  const { neededBytes, freeBytes } = space;
  const seen = `${megabytes(neededBytes)} MB are needed below ${settings.prefix}, ${megabytes(freeBytes)} MB are free`;
  return freeBytes >= neededBytes
    ? [{ check, state: 'ok', seen, why }]
    : [{ check, state: 'problem', seen, why, next: 'free some space there, or remove old releases' }];
}

const megabytes = (bytes: number): number => Math.ceil(bytes / 1e6);
