/** Tells the waiter which directories to watch from now on. */
import { type NodeFacts, writeWatchList } from '@kata/installer';
import { bestEffort } from './best-effort.ts';
import type { AgentContext } from './context.ts';

/** What was done stands without it. `facts`: left out, they are read. */
export async function noteWatched(context: AgentContext, facts?: NodeFacts): Promise<void> {
  const { host, config, installation } = context;
  await bestEffort(context, 'drift may go unnoticed', async () => {
    await writeWatchList(host, config.settings.prefix, facts ?? (await installation.readFacts()));
  });
}
