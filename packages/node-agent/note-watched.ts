/** Tells the waiter which directories to watch from now on. */
import { writeWatchList } from '@kata/installer';
import { bestEffort } from './best-effort.ts';
import type { AgentContext } from './context.ts';

/** What was done stands without it. */
export async function noteWatched(context: AgentContext): Promise<void> {
  const { host, config, installation } = context;
  await bestEffort(context, 'drift may go unnoticed', async () => {
    await writeWatchList(host, config.settings.prefix, await installation.readFacts());
  });
}
