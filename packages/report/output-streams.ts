/** What a program does with its standard output and error when nobody reads them, or not fast enough. */
import type { Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';

/** A reader that is gone (`--help | head`, a log that ended) is no failure, and must not stop a change midway. */
export function ignoreClosedPipes(...streams: readonly Writable[]): void {
  for (const stream of streams) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
    });
  }
}

/** A reader that has stopped must not keep the process running. */
const longestMs = 1000;

/**
 * For use before `process.exit()`, which drops what Node has not yet written to a pipe. Returns, too, when a stream is
 * closed or its reader reads too slowly.
 */
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
