/** Upgrades a release once, with the user's values kept, and reads back that this is so. */
import { exitCodes, KataError } from '@kata/core';
import { isEqualValue } from '@kata/json';
import { upgradeArguments, type ValuesChange } from './helm-arguments.ts';
import { type HelmContext, helmTimeouts } from './helm-context.ts';
import type { OpenChart } from './open-chart.ts';
import { planReleaseUpgrade, type UpgradePlan } from './plan-release-upgrade.ts';
import { readRelease } from './read-release.ts';
import { recoverRelease, type RecoverOptions } from './recover-release.ts';
import { describeRelease, type Release } from './release.ts';
import { changedPaths, formatValuePath } from './value-path.ts';

export interface UpgradeOutcome {
  /** `unchanged`: Helm was not called, there is no new revision. */
  readonly kind: 'upgraded' | 'unchanged';
  /** The deployed one. */
  readonly release: Release;
}

/** Recovers a pending release first. Repeat it after any failure, also after a kill: it resumes. */
export async function upgradeRelease(
  context: HelmContext,
  chart: OpenChart,
  { setValues = '', ...options }: Omit<RecoverOptions, 'dropsValues'> = {},
): Promise<UpgradeOutcome> {
  await recoverRelease(context, { setValues, ...options });
  const plan = await planReleaseUpgrade(context, chart, setValues);
  const name = `${context.release.namespace}/${context.release.name}`;
  const { version } = chart;
  if (!plan.isNeeded) {
    const { revision } = plan.newest;
    context.emit({ kind: 'helm.unchanged', release: name, revision, version });
    return { kind: 'unchanged', release: plan.newest };
  }
  const release = await runUpgrade(context, chart, plan, { change: { kind: 'keep', set: setValues } });
  const from = { revision: plan.newest.revision, version: plan.newest.chart.version };
  const { revision } = release;
  const { changedValues } = plan;
  context.emit({ kind: 'helm.upgraded', release: name, revision, from, version, changedValues });
  return { kind: 'upgraded', release };
}

/** Returns the new revision, whose values are those of the plan. */
export async function runUpgrade(
  context: HelmContext,
  chart: OpenChart,
  { values }: Pick<UpgradePlan, 'values'>,
  { change, input }: { readonly change: ValuesChange; readonly input?: string },
): Promise<Release> {
  const { helm, release } = context;
  const what = `upgrade ${describeRelease(release)} to chart version ${chart.version}`;
  await helm.run(upgradeArguments(release, chart.path, change, { isDryRun: false }), {
    ...{ what, timeoutMs: helmTimeouts.changeMs },
    ...(input === undefined ? {} : { input }),
  });
  const after = await readRelease(context);
  const { name, version, appVersion } = chart;
  const isDone =
    after.status === 'deployed' && isEqualValue({ ...after.chart }, { name, version, appVersion });
  if (!isDone) {
    throw unverified(what, after, `it is ${after.status} with chart ${after.chart.version}`);
  }
  const others = changedPaths(values, after.values).map(formatValuePath);
  if (others.length > 0)
    throw unverified(what, after, `its values differ from the plan: ${others.join(', ')}`);
  return after;
}

function unverified(what: string, after: Release, problem: string): KataError {
  const message = `cannot ${what}: afterwards revision ${after.revision} is the newest, and ${problem}`;
  return new KataError('KATA_HELM_VERIFICATION', message, {
    exitCode: exitCodes.verification,
    hint: `another Helm may have changed it; look at \`helm history ${after.name} --namespace ${after.namespace}\`, then run this again`,
  });
}
