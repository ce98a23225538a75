/** Checks that kubelet starts sidecars, and that its timeout is long enough for images that are pulled in the guest. */
import { compareVersions } from '@kata/node';
import type { Settings } from '@kata/settings';
import type { CheckResult } from './check-result.ts';
import type { DoctorFacts } from './facts.ts';

const neededSeconds = 600;
/** From this version on, sidecars are enabled by default. */
const sidecarsSince = '1.29';

export function pullsInGuest({ options }: Settings): boolean {
  return [...(options?.values() ?? [])].some(
    ({ forceGuestPull, pullType, snapshotter }) =>
      forceGuestPull || pullType === 'guest-pull' || snapshotter === 'nydus',
  );
}

export function checkKubelet({ kubelet }: DoctorFacts, settings: Settings): readonly CheckResult[] {
  if (!pullsInGuest(settings)) return [];
  const check = 'kubelet-timeout';
  const why = 'an image that is pulled in the guest is pulled during the creation of the container';
  const unknown = (seen: string, next: string): readonly CheckResult[] => [
    { check, state: 'unknown', seen, why, next },
  ];
  switch (kubelet.kind) {
    case 'not queried':
      return unknown(
        "kubelet's configuration was not queried",
        `check that runtimeRequestTimeout in kubelet's configuration is at least ${neededSeconds / 60}m`,
      );
    case 'failed':
      return unknown(
        kubelet.message,
        `allow the ServiceAccount to get nodes/configz (chart value doctor.askKubelet), or check that runtimeRequestTimeout in kubelet's configuration is at least ${neededSeconds / 60}m`,
      );
    case 'answered': {
      const seen = `kubelet's runtimeRequestTimeout is ${kubelet.timeoutSeconds} s`;
      const next = `set runtimeRequestTimeout in kubelet's configuration to ${neededSeconds / 60}m or more`;
      return kubelet.timeoutSeconds >= neededSeconds
        ? [{ check, state: 'ok', seen, why }]
        : [{ check, state: 'warning', seen, why, next }];
    }
  }
}

/** No result where it was not queried: only pods of our own chart need a sidecar. */
export function checkKubeletVersion({ kubeletVersion }: DoctorFacts): readonly CheckResult[] {
  const check = 'kubelet-version';
  const why = 'the container that removes Kata on uninstall is a sidecar';
  switch (kubeletVersion.kind) {
    case 'not queried':
      return [];
    case 'failed': {
      const next = `check that kubelet is ${sidecarsSince} or newer: kubectl get nodes -o wide`;
      return [{ check, state: 'unknown', seen: kubeletVersion.message, why, next }];
    }
    case 'answered': {
      const seen = `kubelet is ${kubeletVersion.version}`;
      if (compareVersions(kubeletVersion.version, sidecarsSince) >= 0)
        return [{ check, state: 'ok', seen, why }];
      const next = `upgrade kubelet to ${sidecarsSince} or newer, or exclude this node with the chart value nodeSelector`;
      return [
        {
          check,
          state: 'problem',
          seen: `${seen}, which does not support sidecar containers: this node is not supported`,
          why,
          next,
        },
      ];
    }
  }
}
