/** Plans what a user ordered: the Helm release first, then the nodes. */
import { defaultPolicy } from '@kata/rollout';
import type { FleetContext } from './context.ts';
import { foreseeHelm } from './foresee-helm.ts';
import { absoluteChart, type HelmOptions, type NamedChart } from './helm/index.ts';
import { type PlannedUpgrade, planUpgrade } from './plan-upgrade.ts';
import type { OpenRelease } from './release-control.ts';
import type { ParsedParameters } from './run-parameters.ts';

export interface UpgradeOrder extends ParsedParameters {
  readonly chart: NamedChart;
  /** Relative paths start there. */
  readonly directory: string;
  readonly helm: HelmOptions;
}

/** Changes nothing. @throws KataError for all that can be found out before the first change. */
export async function planOrder(
  context: FleetContext,
  release: OpenRelease,
  { version, setValues, chart, query, policy, verification, directory }: UpgradeOrder,
): Promise<PlannedUpgrade> {
  return await planUpgrade(context, {
    ...{ query, verification },
    policy: { ...defaultPolicy, ...policy },
    helm: { chart: absoluteChart(chart, directory), version, setValues },
    foresight: await foreseeHelm(release, { chart, version, setValues, directory }),
  });
}
