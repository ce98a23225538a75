/** The records of all runs of an installation. */
import { KataError } from '@kata/core';
import { lifecycleRunLabel } from '@kata/kata';
import { type ConfigMapObject, listConfigMaps } from '@kata/kube/fleet';
import type { FleetContext } from './context.ts';
import { installationLabel, installationValue, recordOf, type RunRecord, stageOf } from './run-record.ts';

export interface RecordedRuns {
  /** Oldest first. */
  readonly runs: readonly RunRecord[];
  /** Another version wrote them, or somebody changed them. */
  readonly unreadable: readonly UnreadableRecord[];
}

export interface UnreadableRecord {
  readonly configMap: string;
  readonly hasEnded: boolean;
}

export async function listRuns(context: FleetContext): Promise<RecordedRuns> {
  const found = (await listRecords(context)).map((record) => ({ record, run: tryRead(record) }));
  return {
    runs: found
      .flatMap(({ run }) => run ?? [])
      .toSorted((a, b) => (a.plan.created < b.plan.created ? -1 : 1)),
    unreadable: found.flatMap(({ record: { name, data }, run }) =>
      run === undefined ? [{ configMap: name, hasEnded: stageOf(data) === 'ended' }] : [],
    ),
  };
}

/**
 * The newest one that has not ended; others cannot begin then. @throws KataError `KATA_LIFECYCLE_RUN_RECORD`: one that has not
 * ended is not readable
 */
export async function findOpenRun(context: FleetContext): Promise<RunRecord | undefined> {
  const open = (await listRecords(context)).filter(({ data }) => stageOf(data) !== 'ended');
  return open
    .map(recordOf)
    .toSorted((a, b) => (a.plan.created < b.plan.created ? -1 : 1))
    .at(-1);
}

async function listRecords(context: FleetContext): Promise<readonly ConfigMapObject[]> {
  const selector = `${lifecycleRunLabel},${installationLabel}=${installationValue(context)}`;
  return await listConfigMaps(context.api, context.installation.namespace, selector);
}

function tryRead(record: ConfigMapObject): RunRecord | undefined {
  try {
    return recordOf(record);
  } catch (error) {
    if (error instanceof KataError && error.code === 'KATA_LIFECYCLE_RUN_RECORD') return undefined;
    throw error;
  }
}

/** For users, one line for each. */
export function describeUnreadable(
  unreadable: readonly UnreadableRecord[],
  { installation }: Pick<FleetContext, 'installation'>,
): readonly string[] {
  return unreadable.flatMap(({ configMap, hasEnded }) => [
    `the record ${configMap} of a run is not readable: another version wrote it, or somebody changed it${hasEnded ? '' : '; no run can start'}`,
    `  next: kubectl --namespace ${installation.namespace} get configmap ${configMap} -o yaml`,
  ]);
}
