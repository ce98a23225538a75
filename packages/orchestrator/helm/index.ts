/** Helm, as a program: reads a release, upgrades it once, returns it to what it was, recovers it after a kill. */
export {
  absoluteChart,
  type ChartConnection,
  type ChartSource,
  describeChart,
  type NamedChart,
  parseChartSource,
} from './chart-source.ts';
export { Helm, type HelmOptions } from './helm.ts';
export { type HelmContext, releaseName } from './helm-context.ts';
export { type HelmEvent, helmProgress } from './helm-event.ts';
export { isPending } from './interrupted-revision.ts';
export { type ExpectedChart, type OpenChart, openChart } from './open-chart.ts';
export { planReleaseUpgrade, readBase, type UpgradePlan } from './plan-release-upgrade.ts';
export { readHistory, readRelease, readRevision } from './read-release.ts';
export { recoverRelease, type RecoverOptions } from './recover-release.ts';
export {
  type ChartIdentity,
  type Release,
  type ReleaseName,
  type ReleaseSnapshot,
  type Revision,
  snapshotOf,
} from './release.ts';
export {
  restoreRelease,
  rollBackRelease,
  type RollbackOptions,
  type RollbackOutcome,
} from './roll-back-release.ts';
export { upgradeRelease, type UpgradeOutcome } from './upgrade-release.ts';
