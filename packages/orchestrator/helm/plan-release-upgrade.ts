/** Finds out what an upgrade would do, by a dry run on the API server, and refuses what would harm. Changes nothing. */
import { exitCodes, KataError } from '@kata/core';
import { isEqualValue, type JsonObject } from '@kata/json';
import { givenPaths } from './given-paths.ts';
import { upgradeArguments, type ValuesChange } from './helm-arguments.ts';
import { type HelmContext, helmTimeouts } from './helm-context.ts';
import { installerImages } from './installer-images.ts';
import { deployedRevision, isPending } from './interrupted-revision.ts';
import type { OpenChart } from './open-chart.ts';
import { findPinnedImage } from './pinned-image.ts';
import { parseAnswer, readHistory, readRelease, readRevision } from './read-release.ts';
import { describeRelease, type Release, releaseStatusSchema } from './release.ts';
import { refuseLosingValues } from './unkept-values.ts';
import { changedPaths, formatValuePath, isCovered, type ValuePath } from './value-path.ts';

export interface UpgradePlan {
  /** False: the deployed revision has this chart, these values and this manifest. */
  readonly isNeeded: boolean;
  /** The newest revision. */
  readonly newest: Release;
  /** Whose values are kept: the newest one, unless that failed. */
  readonly base: Release;
  /** The user's values afterwards. */
  readonly values: JsonObject;
  /** Names of the given ones that change; no others do. */
  readonly changedValues: readonly string[];
}

/** `setValues`: a list as for `--set`. @throws KataError `KATA_HELM_PENDING`: see `recoverRelease` */
export async function planReleaseUpgrade(
  context: HelmContext,
  chart: OpenChart,
  setValues: string,
): Promise<UpgradePlan> {
  const given = givenPaths(setValues);
  const { newest, base } = await readBase(context);
  refuseOtherChart(newest, chart);
  if (newest.status === 'failed') refuseLosingValues(newest, base, given);
  const planned = await dryRun(context, chart, { kind: 'keep', set: setValues });
  const changed = changedPaths(base.values, planned.values);
  refuseOtherChanges(changed, given);
  refusePinnedImage(base, planned, chart);
  const changedValues = given
    .filter((one) => changed.some((path) => isCovered(path, [one])))
    .map(formatValuePath);
  return {
    isNeeded: !isDeployed(newest, chart, planned),
    ...{ newest, base, values: planned.values, changedValues },
  };
}

/** The newest revision, and the one that Helm takes the user's values from. */
export async function readBase(
  context: HelmContext,
): Promise<{ readonly newest: Release; readonly base: Release }> {
  const newest = await readRelease(context);
  if (isPending(newest.status)) throw pending(newest);
  if (newest.status === 'deployed') return { newest, base: newest };
  const deployed = deployedRevision(await readHistory(context));
  const base = deployed === undefined ? undefined : await readRevision(context, deployed);
  return { newest, base: base ?? newest };
}

export type PlannedRelease = Pick<Release, 'values' | 'manifest'>;

/** What Helm itself would store: it parses and merges the values. */
export async function dryRun(
  { helm, release }: HelmContext,
  chart: OpenChart,
  change: ValuesChange,
  input?: string,
): Promise<PlannedRelease> {
  const what = `plan the upgrade of ${describeRelease(release)} to chart version ${chart.version}`;
  const argv = upgradeArguments(release, chart.path, change, { isDryRun: true });
  const text = await helm.run(argv, {
    ...{ what, timeoutMs: helmTimeouts.changeMs },
    ...(input === undefined ? {} : { input }),
  });
  return parseAnswer(text, what, releaseStatusSchema);
}

/** The same chart version with other content has another manifest. */
export function isDeployed(newest: Release, chart: OpenChart, planned: PlannedRelease): boolean {
  const { name, version, appVersion } = chart;
  return (
    newest.status === 'deployed' &&
    isEqualValue({ ...newest.chart }, { name, version, appVersion }) &&
    isEqualValue(newest.values, planned.values) &&
    newest.manifest === planned.manifest
  );
}

function refuseOtherChart(release: Release, chart: OpenChart): void {
  if (release.chart.name === chart.name) return;
  throw new KataError(
    'KATA_HELM_OTHER_CHART',
    `${describeRelease(release)} was installed from the chart ${release.chart.name}, not from ${chart.name}`,
    { exitCode: exitCodes.precondition, hint: 'name the release of Kata, or the right chart' },
  );
}

/** As `list[1]=x` does, which replaces the whole list. */
function refuseOtherChanges(changed: readonly ValuePath[], given: readonly ValuePath[]): void {
  const others = changed.filter((path) => !isCovered(path, given)).map(formatValuePath);
  if (others.length === 0) return;
  const names = given.map(formatValuePath).join(', ');
  throw new KataError(
    'KATA_HELM_SET_VALUES',
    `setting ${names || 'nothing'} would change further values of the release: ${others.join(', ')}`,
    {
      exitCode: exitCodes.usage,
      hint: 'Helm replaces whole lists: give the complete list, as name={a,b}',
      details: { values: others },
    },
  );
}

function refusePinnedImage(base: Release, planned: PlannedRelease, chart: OpenChart): void {
  const pinned = findPinnedImage({
    version: chart.version,
    values: planned.values,
    before: installerImages(base.manifest),
    after: installerImages(planned.manifest),
    changesVersion: base.chart.version !== chart.version,
  });
  if (pinned === undefined) return;
  const hint =
    pinned.set === undefined
      ? 'find the value that names the image with `helm get values`, and set it'
      : `add ${pinned.set} to helm-set-values`;
  throw new KataError(
    'KATA_HELM_IMAGE_PINNED',
    `${describeRelease(base)} would keep its old image: ${pinned.problem}`,
    { exitCode: exitCodes.precondition, hint, details: { set: pinned.set ?? null } },
  );
}

function pending(newest: Release): KataError {
  const { revision, status } = newest;
  return new KataError(
    'KATA_HELM_PENDING',
    `${describeRelease(newest)}: revision ${revision} is ${status}: another Helm is changing it, or was killed`,
    { exitCode: exitCodes.conflict, hint: 'an upgrade recovers it' },
  );
}
