/** Returns a release to what a run recorded at its start. */
import { exitCodes, KataError } from '@kata/core';
import { isEqualValue } from '@kata/json';
import { awaitOtherHelm, defaultPatienceMs } from './await-other-helm.ts';
import type { HelmContext } from './helm-context.ts';
import type { OpenChart } from './open-chart.ts';
import { dryRun, isDeployed } from './plan-release-upgrade.ts';
import { readRelease, readRevision } from './read-release.ts';
import { recoverRelease } from './recover-release.ts';
import { describeRelease, type Release, type ReleaseName, type ReleaseSnapshot } from './release.ts';
import { hasSameContent, runRollback } from './run-rollback.ts';
import { runUpgrade } from './upgrade-release.ts';

export interface RollbackOptions {
  /** See `RecoverOptions`. */
  readonly patienceMs?: number;
}

export interface RollbackOutcome {
  /** `unchanged`: the deployed revision has the same chart, values and manifest. */
  readonly kind: 'rolled-back' | 'unchanged';
  readonly release: Release;
}

/**
 * To the recorded revision, by its number. A pending release needs no recovery first: Helm rolls it back.
 * @throws KataError `KATA_HELM_REVISION_GONE`: then `restoreRelease` can do it
 */
export async function rollBackRelease(
  context: HelmContext,
  snapshot: ReleaseSnapshot,
  { patienceMs = defaultPatienceMs }: RollbackOptions = {},
): Promise<RollbackOutcome> {
  const newest = await awaitOtherHelm(context, async () => await readRelease(context), patienceMs);
  const target = await readRevision(context, snapshot.revision);
  const release = `${context.release.namespace}/${context.release.name}`;
  const { version } = snapshot.chart;
  if (target === undefined || !isRecorded(target, snapshot)) {
    // Such as by a user who did what the hint says.
    const isThere = newest.status === 'deployed' && isRecorded(newest, snapshot);
    if (!isThere) throw gone(context.release, snapshot, target);
    context.emit({ kind: 'helm.unchanged', release, revision: newest.revision, version });
    return { kind: 'unchanged', release: newest };
  }
  if (newest.status === 'deployed' && hasSameContent(newest, target)) {
    context.emit({ kind: 'helm.unchanged', release, revision: newest.revision, version });
    return { kind: 'unchanged', release: newest };
  }
  const after = await runRollback(context, target);
  const { revision } = after;
  context.emit({ kind: 'helm.rolled-back', release, revision, to: target.revision, version });
  return { kind: 'rolled-back', release: after };
}

/** From the record alone: deploys the recorded chart with exactly the recorded values, as a new revision. */
export async function restoreRelease(
  context: HelmContext,
  snapshot: ReleaseSnapshot,
  chart: OpenChart,
  options: RollbackOptions = {},
): Promise<RollbackOutcome> {
  const { path: _, ...identity } = chart;
  if (!isEqualValue({ ...identity }, { ...snapshot.chart })) throw new TypeError(`chart ${chart.version}`);
  const newest = await recoverRelease(context, { ...options, dropsValues: true });
  const change = { kind: 'replace' } as const;
  const input = JSON.stringify(snapshot.values);
  const planned = await dryRun(context, chart, change, input);
  const release = `${context.release.namespace}/${context.release.name}`;
  const { version } = snapshot.chart;
  if (isDeployed(newest, chart, planned)) {
    context.emit({ kind: 'helm.unchanged', release, revision: newest.revision, version });
    return { kind: 'unchanged', release: newest };
  }
  const after = await runUpgrade(context, chart, snapshot, { change, input });
  const { revision } = after;
  context.emit({ kind: 'helm.restored', release, revision, to: snapshot.revision, version });
  return { kind: 'rolled-back', release: after };
}

/** Numbers start again when a release is uninstalled and installed. */
function isRecorded(revision: Release, snapshot: ReleaseSnapshot): boolean {
  return (
    isEqualValue({ ...revision.chart }, { ...snapshot.chart }) &&
    isEqualValue(revision.values, snapshot.values)
  );
}

function gone(release: ReleaseName, snapshot: ReleaseSnapshot, found: Release | undefined): KataError {
  const { revision, chart } = snapshot;
  const why =
    found === undefined
      ? 'Helm has removed it (--history-max)'
      : `revision ${revision} is another one now: the release was installed again`;
  return new KataError(
    'KATA_HELM_REVISION_GONE',
    `cannot roll back ${describeRelease(release)} to revision ${revision}: ${why}`,
    {
      exitCode: exitCodes.precondition,
      hint: `look at \`helm history ${release.name} --namespace ${release.namespace}\`, and deploy chart ${chart.version} yourself: helm upgrade`,
      details: { revision, version: chart.version, isRemoved: found === undefined },
    },
  );
}
