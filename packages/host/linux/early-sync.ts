/** Syncs large new files while the next ones are being written, one after the other. */
import type { FileHandle } from 'node:fs/promises';

export class EarlySync {
  #work: Promise<void> = Promise.resolve();

  /** Closes the file after its sync. */
  add(handle: FileHandle): void {
    this.#work = bring(handle, this.#work);
    // The kernel reports a failure once; `settle` rejects with it.
    this.#work.catch(() => undefined);
  }

  /** Resolves when all files are on the disk; rejects with the first error. */
  async settle(): Promise<void> {
    const work = this.#work;
    this.#work = Promise.resolve();
    await work;
  }
}

async function bring(handle: FileHandle, before: Promise<void>): Promise<void> {
  const [earlier] = await Promise.allSettled([before]);
  try {
    await handle.datasync();
  } catch (error) {
    if (earlier.status === 'fulfilled') throw error;
  } finally {
    await handle.close();
  }
  await before;
}
