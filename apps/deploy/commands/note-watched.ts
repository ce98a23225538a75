/** Tells the waiter which directories to watch from now on. */
import { KataError } from '@kata/core';
import { say, type Session } from './session.ts';

/** What was done stands without it. */
export async function noteWatched({ host, config, installation }: Session): Promise<void> {
  const { writeWatchList } = await import('@kata/installer');
  try {
    await writeWatchList(host, config.settings.prefix, await installation.readFacts());
  } catch (error) {
    if (!(error instanceof KataError)) throw error;
    say(`drift may go unnoticed: ${error.message}`);
  }
}
