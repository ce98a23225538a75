/** Holds a node that is not under lifecycle management on a release until `kata-deploy resume`: a field of the record. */
import { exitCodes, KataError } from '@kata/core';
import type { Host, HostPath } from '@kata/host';
import { type OwnershipRecord, readRecord, writeRecord } from './record.ts';

export type Hold = NonNullable<OwnershipRecord['hold']>;

export async function readHold(host: Host, prefix: HostPath): Promise<Hold | undefined> {
  return (await readRecord(host, prefix))?.hold;
}

/** Does nothing where nothing is installed. */
export async function setHold(host: Host, prefix: HostPath, hold: Hold | undefined): Promise<void> {
  const record = await readRecord(host, prefix);
  if (record === undefined || (record.hold === undefined && hold === undefined)) return;
  const { hold: _, ...rest } = record;
  await writeRecord(host, prefix, hold === undefined ? rest : { ...rest, hold });
}

/** Records the hold before the work, so that after a kill the next installation does not go to its payload. */
export async function holdOn<T>(
  host: Host,
  prefix: HostPath,
  release: string,
  work: () => Promise<T>,
): Promise<T> {
  const before = await readHold(host, prefix);
  const isNew = before?.release !== release;
  try {
    if (isNew) await setHold(host, prefix, { release, since: host.now().toISOString() });
    return await work();
  } catch (error) {
    const isUndone = error instanceof KataError && error.exitCode !== exitCodes.terminated;
    // A write may fail after the change, when only its durability is unknown.
    if (isUndone && (await readHold(host, prefix))?.release !== before?.release) {
      await setHold(host, prefix, before);
    }
    throw error;
  }
}

/** @throws KataError `KATA_INSTALLER_HELD` */
export async function refuseHeld(host: Host, prefix: HostPath): Promise<void> {
  const hold = await readHold(host, prefix);
  if (hold === undefined) return;
  throw new KataError(
    'KATA_INSTALLER_HELD',
    `an administrator holds this node on ${hold.release} since ${hold.since}`,
    {
      exitCode: exitCodes.precondition,
      hint: 'to end the hold, run: kata-deploy resume',
      details: hold,
    },
  );
}
