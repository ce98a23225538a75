/** Waits before `process.exit()`, which drops what Node has not yet written to a pipe. */
import type { Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';

/** A reader that has stopped must not keep the process running. */
const longestMs = 1000;

/** Returns, too, when a stream is closed or its reader reads too slowly. */
export async function waitUntilWritten(...streams: readonly Writable[]): Promise<void> {
  const written = streams.map(async (stream) => {
    await new Promise<void>((resolve) => {
      // Without a listener, a reader that is gone changes the exit code.
      stream.once('error', () => resolve());
      stream.write('', () => resolve());
    });
  });
  await Promise.race([Promise.all(written), sleep(longestMs)]);
}
