/** What an upgrade will do with the Helm release; a dry run refuses what would harm. */
import type { HelmContext, NamedChart, ReleaseSnapshot } from './helm/index.ts';
import {
  isPending,
  openChart,
  parseChartSource,
  planReleaseUpgrade,
  readRelease,
  snapshotOf,
} from './helm/index.ts';

export interface HelmForesight {
  /** `pending`: another Helm was killed; the upgrade recovers the release first. `unchanged`: Helm makes no revision. */
  readonly kind: 'upgrade' | 'unchanged' | 'pending';
  readonly before: ReleaseSnapshot;
  /** Names of values. */
  readonly changedValues: readonly string[];
}

export interface HelmRequest {
  readonly chart: NamedChart;
  readonly version: string;
  readonly setValues: string;
  /** Relative paths start there. */
  readonly directory: string;
}

/** @throws KataError `KATA_HELM_<PROBLEM>`, such as `KATA_HELM_IMAGE_PINNED` */
export async function foreseeHelm(
  release: HelmContext,
  { chart: named, version, setValues, directory }: HelmRequest,
): Promise<HelmForesight> {
  const newest = await readRelease(release);
  const chart = await openChart(release.helm, parseChartSource(named, directory), { version });
  if (isPending(newest.status)) return { kind: 'pending', before: snapshotOf(newest), changedValues: [] };
  const { isNeeded, base, changedValues } = await planReleaseUpgrade(release, chart, setValues);
  return { kind: isNeeded ? 'upgrade' : 'unchanged', before: snapshotOf(base), changedValues };
}
