/** The ownership record during a run: each change is recorded on disk before it is made. */
import type { Host, HostPath } from '@kata/host';
import type { Handler } from '@kata/kata';
import { createInstallation, removeInstallation } from './create-and-remove.ts';
import {
  emptyRecord,
  deleteRecordBackup,
  backUpRecord,
  type OwnershipRecord,
  restoreRecordBackup,
  writeRecord,
} from './record.ts';

export class RunningRecord {
  readonly #host: Host;
  readonly #prefix: HostPath;
  /** Undefined on a node without an installation of ours. */
  readonly #before: OwnershipRecord | undefined;
  #now: OwnershipRecord;

  /** `begun`: the record that the run starts from when it adopts another installation. */
  constructor(
    host: Host,
    prefix: HostPath,
    { before, begun }: Readonly<Record<'before' | 'begun', OwnershipRecord | undefined>>,
  ) {
    this.#host = host;
    this.#prefix = prefix;
    this.#before = before;
    this.#now = begun ?? before ?? emptyRecord;
  }

  get now(): OwnershipRecord {
    return this.#now;
  }

  /** `handlers`: those that shall be served in the end; they are recorded as ours from now on. */
  async begin(handlers: readonly Handler[]): Promise<void> {
    const begun = { ...this.#now, handlers: uniteHandlers(this.#now.handlers, handlers) };
    if (this.#before === undefined) {
      this.#now = await createInstallation(this.#host, this.#prefix, begun);
      return;
    }
    await backUpRecord(this.#host, this.#prefix);
    await this.save(begun).catch(async (error: unknown) => {
      // The first error is the one to report; the next run removes what is left.
      await restoreRecordBackup(this.#host, this.#prefix).catch(() => undefined);
      throw error;
    });
  }

  async save(change: Partial<OwnershipRecord>): Promise<void> {
    this.#now = { ...this.#now, ...change };
    await writeRecord(this.#host, this.#prefix, this.#now);
  }

  /** Deletes the backup: the run is complete. */
  async commit(): Promise<void> {
    await deleteRecordBackup(this.#host, this.#prefix);
  }

  /** Returns false when the whole installation was removed, including the journal. */
  async restore(): Promise<boolean> {
    if (this.#before === undefined)
      await removeInstallation(this.#host, this.#prefix, this.#now, 'keep releases');
    else await restoreRecordBackup(this.#host, this.#prefix);
    return this.#before !== undefined;
  }
}

function uniteHandlers(known: readonly Handler[], wanted: readonly Handler[]): OwnershipRecord['handlers'] {
  const names = new Set(wanted.map((handler) => handler.name));
  return [...wanted, ...known.filter((handler) => !names.has(handler.name))];
}
