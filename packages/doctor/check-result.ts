/** What one check of the doctor says. */
import type { HostPath } from '@kata/host';

export interface CheckResult {
  /** Stable, such as `kvm`. */
  readonly check: string;
  /** `unknown`: it could not be seen. Only a `problem` keeps Kata from working. */
  readonly state: 'ok' | 'warning' | 'problem' | 'unknown';
  readonly seen: string;
  readonly why: string;
  /** What to do; absent when it is ok. */
  readonly next?: string;
}

/** `hidden`: that part of the host is not mounted, so that nobody can say. */
export type Visibility = 'present' | 'absent' | 'hidden';

/** Of a device. `registered`: the host's /dev cannot be seen, but the kernel says that it made the device. */
export type DeviceVisibility = Visibility | 'registered';

/** The result where a part of the host is not mounted into our container. */
export function hiddenResult(check: string, why: string, mount: HostPath): CheckResult {
  return {
    check,
    state: 'unknown',
    seen: `${mount} of the host cannot be seen from here`,
    why,
    next: `mount the host's ${mount} into the container, at the same path below HOST_ROOT`,
  };
}
