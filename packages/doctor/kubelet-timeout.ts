/** Reads kubelet's timeout for requests to the container runtime. */
import { exitCodes, KataError } from '@kata/core';
import * as z from 'zod';

/** Part of kubelet's answer to `/configz`. */
const answer = z.object({ kubeletconfig: z.object({ runtimeRequestTimeout: z.string() }) });

const secondsOf: Readonly<Record<string, number>> = { h: 3600, m: 60, s: 1, ms: 0.001 };

/** @throws KataError `KATA_INSTALLER_KUBELET` when the answer has another shape. */
export function readTimeoutSeconds(configuration: unknown): number {
  const read = answer.safeParse(configuration);
  const text = read.success ? read.data.kubeletconfig.runtimeRequestTimeout : '';
  // Go's notation, such as 2m0s.
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|h|m|s)/g)];
  if (parts.length === 0 || parts.map(([all]) => all).join('') !== text) {
    throw new KataError(
      'KATA_INSTALLER_KUBELET',
      "kubelet's configuration has no valid runtimeRequestTimeout",
      {
        exitCode: exitCodes.precondition,
      },
    );
  }
  return parts.reduce((sum, [, count, unit = '']) => sum + Number(count) * (secondsOf[unit] ?? 0), 0);
}
