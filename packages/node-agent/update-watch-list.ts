/** Updates the list of directories that the waiter watches. */
import { type NodeFacts, writeWatchList } from '@kata/installer';
import { bestEffort } from './best-effort.ts';
import type { AgentContext } from './context.ts';

/** Best effort. `facts`: left out, they are read. */
export async function updateWatchList(context: AgentContext, facts?: NodeFacts): Promise<void> {
  const { host, config, installation } = context;
  await bestEffort(
    context,
    'the list of watched directories is not updated, so drift may be missed',
    async () => {
      await writeWatchList(host, config.settings.prefix, facts ?? (await installation.readFacts()));
    },
  );
}
