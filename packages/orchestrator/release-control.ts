/** The Helm release of a run. */
import type { FleetContext } from './context.ts';
import {
  Helm,
  type HelmContext,
  type HelmOptions,
  openChart,
  parseChartSource,
  releaseName,
  upgradeRelease,
} from './helm/index.ts';
import { returnRelease } from './return-release.ts';
import type { RunPlan } from './run-record.ts';
import type { ReleaseControl } from './run-stages.ts';
import { readRunValues } from './run-values.ts';

export type OpenRelease = HelmContext & AsyncDisposable;

export async function openRelease(
  { installation, clock, emit }: FleetContext,
  options: HelmOptions,
): Promise<OpenRelease> {
  const helm = await Helm.open(options);
  return {
    helm,
    release: releaseName(installation.release, installation.namespace),
    clock,
    emit: emit(),
    [Symbol.asyncDispose]: async () => await helm[Symbol.asyncDispose](),
  };
}

export function releaseControl(
  context: FleetContext,
  release: HelmContext,
  plan: Pick<RunPlan, 'id' | 'helm'>,
): ReleaseControl {
  const { id, helm: planned } = plan;
  if (planned === null) throw new TypeError('a plan without Helm');
  return {
    upgrade: async () => {
      const { version } = planned;
      const { setValues } = await readRunValues(context, id);
      const chart = await openChart(release.helm, parseChartSource(planned.chart, '/'), { version });
      await upgradeRelease(release, chart, { setValues });
    },
    restore: async () => {
      await returnRelease(context, release, plan);
    },
  };
}
