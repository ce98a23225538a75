/** The result of one check of the doctor. */
import type { HostPath } from '@kata/host';

export interface CheckResult {
  /** Stable, such as `kvm`. */
  readonly check: string;
  /** `unknown`: not visible from here. Only a `problem` prevents Kata from working. */
  readonly state: 'ok' | 'warning' | 'problem' | 'unknown';
  readonly seen: string;
  readonly why: string;
  /** What to do next; absent when the state is `ok`. */
  readonly next?: string;
}

/** Whether a path of the host exists. `hidden`: that part of the host is not mounted, so it is unknown. */
export type Visibility = 'present' | 'absent' | 'hidden';

/** Of a device. `registered`: the host's /dev is not visible, but the kernel has registered the device. */
export type DeviceVisibility = Visibility | 'registered';

/** The result when a part of the host is not mounted into our container. */
export function hiddenResult(check: string, why: string, mount: HostPath): CheckResult {
  return {
    check,
    state: 'unknown',
    seen: `${mount} of the host is not mounted into this container`,
    why,
    next: `mount the host's ${mount} into the container, at the same path below HOST_ROOT`,
  };
}
