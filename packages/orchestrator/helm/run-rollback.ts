/** Rolls a release back to one revision, and reads back that it is so. */
import { exitCodes, KataError } from '@kata/core';
import { isEqualValue } from '@kata/json';
import { rollbackArguments } from './helm-arguments.ts';
import { type HelmContext, helmTimeouts } from './helm-context.ts';
import { readRelease } from './read-release.ts';
import { describeRelease, type Release } from './release.ts';

/** Returns the new revision. @throws KataError, also when what is deployed afterwards is not that of the target. */
export async function runRollback(context: HelmContext, target: Release): Promise<Release> {
  const what = `roll back ${describeRelease(target)} to revision ${target.revision}`;
  await context.helm.run(rollbackArguments(target, target.revision), {
    what,
    timeoutMs: helmTimeouts.changeMs,
  });
  const after = await readRelease(context);
  if (after.status === 'deployed' && hasSameContent(after, target)) return after;
  const found = `revision ${after.revision} is ${after.status} with chart ${after.chart.version}`;
  throw new KataError('KATA_HELM_VERIFICATION', `cannot ${what}: ${found} afterwards`, {
    exitCode: exitCodes.verification,
    hint: `another Helm may have changed it; look at \`helm history ${target.name} --namespace ${target.namespace}\`, then run this again`,
  });
}

/** Chart, values and manifest: what Helm would deploy. */
export function hasSameContent(a: Release, b: Release): boolean {
  return (
    isEqualValue({ ...a.chart }, { ...b.chart }) &&
    isEqualValue(a.values, b.values) &&
    a.manifest === b.manifest
  );
}
