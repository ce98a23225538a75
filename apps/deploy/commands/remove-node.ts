/** Removes the installation from the node, as far as living sandboxes allow, and says so on the node object. */
import { labelNode } from './label-node.ts';
import { print, say, type Session, underLock } from './session.ts';

export interface RemoveOptions {
  /** Another installation needs the label that all share. */
  readonly keepsShared: boolean;
}

/** Returns the sandboxes that it waits for. */
export async function removeFromNode(session: Session, options: RemoveOptions): Promise<readonly string[]> {
  return await underLock(session.host, 'cleanup', async () => await removeUnderLock(session, options));
}

async function removeUnderLock(
  { config, host, installation }: Session,
  { keepsShared }: RemoveOptions,
): Promise<readonly string[]> {
  const { demotedMetadata, removedMetadata } = await import('@kata/installer');
  const { suffix } = config.settings;
  const removal = await installation.planRemoval();
  const { record } = removal.facts;
  const { waitingFor } = removal.plan;
  const handlers = record?.handlers ?? [];
  // No new pod may come while we remove what it would need.
  await labelNode(
    config,
    demotedMetadata(suffix, handlers, keepsShared, {
      phase: 'cleanup-pending',
      version: record?.current?.replace(/-[0-9a-f]{8}$/, '') ?? '',
      release: record?.current ?? '',
      reason: waitingFor.length > 0 ? 'SandboxesLive' : 'Removing',
      time: host.now().toISOString(),
    }),
  );
  await installation.remove(removal);
  if (waitingFor.length > 0) {
    say(
      `cleanup pending: ${waitingFor.length} Kata sandboxes live on; run "kata-deploy cleanup" when they ended`,
    );
    return waitingFor;
  }
  await labelNode(config, removedMetadata(suffix, handlers, keepsShared));
  print('Kata is removed from this node.');
  return [];
}
