/** Whether kubelet starts the waiter, and waits long enough for images that are pulled in the guest. */
import { compareVersions } from '@kata/node';
import type { Settings } from '@kata/settings';
import type { CheckResult } from './check-result.ts';
import type { DoctorFacts } from './facts.ts';

const neededSeconds = 600;
/** From this version on it starts sidecars, unless somebody switched that off. */
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
  const why = 'an image that is pulled in the guest is pulled while the container is created';
  const unknown = (seen: string, next: string): readonly CheckResult[] => [
    { check, state: 'unknown', seen, why, next },
  ];
  switch (kubelet.kind) {
    case 'not asked':
      return unknown(
        'kubelet was not asked for its configuration',
        `check that runtimeRequestTimeout in kubelet's configuration is at least ${neededSeconds / 60}m`,
      );
    case 'failed':
      return unknown(
        kubelet.message,
        `let the service account get nodes/configz (the chart's value doctor.askKubelet), or check that runtimeRequestTimeout is at least ${neededSeconds / 60}m`,
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

/** Says nothing where nobody asked: only pods of our own chart need a sidecar. */
export function checkKubeletVersion({ kubeletVersion }: DoctorFacts): readonly CheckResult[] {
  const check = 'kubelet-version';
  const why = 'the waiter, which removes Kata when it is uninstalled, is a sidecar';
  switch (kubeletVersion.kind) {
    case 'not asked':
      return [];
    case 'failed': {
      const next = 'compare it: kubectl get nodes -o wide shows the version of each kubelet';
      return [{ check, state: 'unknown', seen: kubeletVersion.message, why, next }];
    }
    case 'answered': {
      const seen = `kubelet is ${kubeletVersion.version}`;
      if (compareVersions(kubeletVersion.version, sidecarsSince) >= 0)
        return [{ check, state: 'ok', seen, why }];
      const next = `upgrade kubelet to ${sidecarsSince} or newer, or keep the chart away from this node (nodeSelector)`;
      return [
        {
          check,
          state: 'problem',
          seen: `${seen}, which starts no sidecars: this node is not supported`,
          why,
          next,
        },
      ];
    }
  }
}
