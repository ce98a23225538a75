/** The Helm release of a run. */
import type { FleetContext } from './context.ts';
import {
  Helm,
  type HelmContext,
  type HelmOptions,
  openChart,
  parseChartSource,
  releaseName,
  rollBackRelease,
  upgradeRelease,
} from './helm/index.ts';
import type { RunPlan } from './run-record.ts';
import type { ReleaseControl } from './run-stages.ts';

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

/** `directory`: where relative paths of the plan start. */
export function releaseControl(
  release: HelmContext,
  { helm: planned }: Pick<RunPlan, 'helm'>,
  directory: string,
): ReleaseControl {
  if (planned === null) throw new TypeError('a plan without Helm');
  return {
    upgrade: async () => {
      const { version, setValues } = planned;
      const chart = await openChart(release.helm, parseChartSource(planned.chart, directory), { version });
      await upgradeRelease(release, chart, { setValues });
    },
    restore: async () => {
      await rollBackRelease(release, planned.before);
    },
  };
}
