/** Refuses to continue when values that a user gave would be lost without a word. */
import { exitCodes, KataError } from '@kata/core';
import { describeRelease, type Release } from './release.ts';
import { changedPaths, formatValuePath, isCovered, type ValuePath } from './value-path.ts';

/**
 * Helm takes the user's values from the deployed revision. A newer one that failed or was interrupted may have others:
 * those that are not given again would be lost.
 */
export function refuseLosingValues(newest: Release, deployed: Release, given: readonly ValuePath[]): void {
  const lost = changedPaths(deployed.values, newest.values).filter((path) => !isCovered(path, given));
  if (lost.length === 0) return;
  const { name, namespace, revision, status } = newest;
  const names = lost.map(formatValuePath).join(', ');
  throw new KataError(
    'KATA_HELM_VALUES_AT_RISK',
    `${describeRelease(newest)}: revision ${revision} (${status}) changed values that the deployed revision ${deployed.revision} does not have: ${names}; an upgrade would drop them`,
    {
      exitCode: exitCodes.conflict,
      hint: `give them again in helm-set-values, or drop them with \`helm rollback ${name} ${deployed.revision} --namespace ${namespace} --no-hooks\``,
      details: { values: lost.map(formatValuePath) },
    },
  );
}
