/** Returns a Helm release to what a run recorded at its start. */
import { exitCodes, KataError } from '@kata/core';
import type { FleetContext } from './context.ts';
import {
  type HelmContext,
  openChart,
  parseChartSource,
  readRevision,
  type ReleaseSnapshot,
  restoreRelease,
  rollBackRelease,
  type RollbackOutcome,
} from './helm/index.ts';
import type { RunPlan } from './run-record.ts';
import { findRunValues } from './run-values.ts';

/** By Helm's rollback; when Helm has removed that revision, by an upgrade to its chart with its values. */
export async function returnRelease(
  context: FleetContext,
  release: HelmContext,
  { id, helm }: Pick<RunPlan, 'id' | 'helm'>,
): Promise<RollbackOutcome> {
  if (helm === null) throw new TypeError('a plan without Helm');
  const recorded = await findRunValues(context, id);
  // Without the record of its values, the number and the chart identify the revision.
  const values = recorded?.before ?? (await readRevision(release, helm.before.revision))?.values ?? {};
  const snapshot: ReleaseSnapshot = { ...helm.before, values };
  try {
    return await rollBackRelease(release, snapshot);
  } catch (error) {
    const isRemoved = error instanceof KataError && error.details['isRemoved'] === true;
    if (!isRemoved || recorded === undefined) throw error;
    return await redeploy(release, { snapshot, source: helm.chart, gone: error });
  }
}

const chartProblems: readonly string[] = ['KATA_HELM_CHART_ABSENT', 'KATA_HELM_CHART_VERSION'];

async function redeploy(
  release: HelmContext,
  {
    snapshot,
    source,
    gone,
  }: {
    readonly snapshot: ReleaseSnapshot;
    readonly source: NonNullable<RunPlan['helm']>['chart'];
    readonly gone: KataError;
  },
): Promise<RollbackOutcome> {
  const { version, appVersion } = snapshot.chart;
  try {
    const chart = await openChart(release.helm, parseChartSource(source, '/'), { version, appVersion });
    return await restoreRelease(release, snapshot, chart);
  } catch (error) {
    if (!(error instanceof KataError) || !chartProblems.includes(error.code)) throw error;
    throw new KataError('KATA_HELM_REVISION_GONE', `${gone.message}; and ${error.message}`, {
      exitCode: exitCodes.precondition,
      hint: `put chart ${version} where the run found its chart, and run the same command again; or deploy it yourself: helm upgrade`,
      cause: error,
    });
  }
}
