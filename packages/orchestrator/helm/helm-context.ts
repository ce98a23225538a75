/** What every operation on a release needs. */
import { type Clock, exitCodes, KataError } from '@kata/core';
import type { Emit } from '@kata/report';
import type { Helm } from './helm.ts';
import type { HelmEvent } from './helm-event.ts';
import type { ReleaseName } from './release.ts';

export interface HelmContext {
  readonly helm: Helm;
  readonly release: ReleaseName;
  readonly emit: Emit<HelmEvent>;
  readonly clock: Clock;
  readonly signal?: AbortSignal;
}

/** Deadlines of one call of Helm. Nothing waits for pods, so none depends on the size of the cluster. */
export const helmTimeouts = { readMs: 60_000, pullMs: 300_000, changeMs: 300_000 } as const;

const namePattern = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/** Helm's own rule; what passes cannot be taken for a flag. @throws KataError `KATA_HELM_NAME` */
export function releaseName(name: string, namespace: string): ReleaseName {
  const check = (what: string, text: string, longest: number): void => {
    if (text.length <= longest && namePattern.test(text)) return;
    throw new KataError('KATA_HELM_NAME', `"${text}" is not a valid name of a ${what}`, {
      exitCode: exitCodes.usage,
      hint: `use lower case letters, digits and "-", at most ${longest} characters`,
    });
  };
  check('Helm release', name, 53);
  check('namespace', namespace, 63);
  return { name, namespace };
}
