/** Recovers from a damaged or lost record or journal: moves it aside, and writes a new one from the files on the node. */
import type { Store } from '@kata/artifacts';
import { KataError } from '@kata/core';
import type { Host, HostPath } from '@kata/host';
import type { EngineSession } from '../engine/engine-session.ts';
import { readUnfinished, replaceJournal } from '../state/journal.ts';
import { rebuildRecord } from '../facts/rebuild-record.ts';
import {
  emptyRecord,
  type OwnershipRecord,
  moveRecordAside,
  readRecord,
  writeRebuiltRecord,
} from '../state/record.ts';

export interface Recovery {
  /** Undefined: kata-deploy has installed nothing here. */
  readonly record: OwnershipRecord | undefined;
  readonly isRebuilt: boolean;
  /** New paths of the damaged files. */
  readonly aside: readonly HostPath[];
}

export interface RecoveryContext {
  readonly host: Host;
  readonly store: Store;
  readonly engine: EngineSession;
}

export async function recover(context: RecoveryContext): Promise<Recovery> {
  const { host, store } = context;
  const aside: HostPath[] = [];
  if (await isDamaged('KATA_INSTALLER_RECORD', async () => await readRecord(host, store.prefix))) {
    aside.push(await moveRecordAside(host, store.prefix));
  }
  if (await isDamaged('KATA_INSTALLER_JOURNAL', async () => await readUnfinished(host, store.prefix))) {
    aside.push(await replaceJournal(host, store.prefix));
  }
  return { ...(await restoreRecord(context)), aside };
}

/** Writes a rebuilt record when there is an installation without one. */
export async function restoreRecord({
  host,
  store,
  engine,
}: RecoveryContext): Promise<Pick<Recovery, 'record' | 'isRebuilt'>> {
  const { prefix } = store;
  const written = await readRecord(host, prefix);
  if (written !== undefined) return { record: written, isRebuilt: false };
  const record = await rebuildRecord({ store, engine: await engine.readKnownFacts(emptyRecord) });
  if (record !== undefined) await writeRebuiltRecord(host, prefix, record);
  return { record, isRebuilt: record !== undefined };
}

async function isDamaged(code: string, read: () => Promise<unknown>): Promise<boolean> {
  try {
    await read();
    return false;
  } catch (error) {
    if (error instanceof KataError && error.code === code) return true;
    throw error;
  }
}
