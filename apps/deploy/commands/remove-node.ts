/** Removes the installation from the node, as far as living sandboxes allow, and says so on the node object. */
import { exitCodes, KataError } from '@kata/core';
import type { Removal } from '@kata/installer';
import type { DeployConfig } from '../config.ts';
import { type ClusterNode, openClusterNode } from './cluster-node.ts';
import { releaseRights } from './kept-rights.ts';
import { seesLegacyInstaller } from './legacy-installer.ts';
import { print, say, type Session, underLock } from './session.ts';

/** Returns the sandboxes that it waits for. */
export async function removeFromNode(session: Session): Promise<readonly string[]> {
  const node = await openClusterNode(session);
  return await underLock(session, 'cleanup', async () => await removeUnderLock(session, node));
}

async function removeUnderLock(session: Session, node: ClusterNode | undefined): Promise<readonly string[]> {
  const { config, installation } = session;
  const { sandboxNotes } = await import('@kata/installer');
  const removal = await installation.planRemoval();
  // Asked before anything changes: whoever cannot ask does not know.
  const hasLegacy = node !== undefined && (await seesLegacyInstaller(config, node));
  const isNews = node === undefined ? false : await demote(session, node, removal, hasLegacy);
  let waitingFor: readonly string[];
  try {
    waitingFor = await installation.remove(removal);
  } catch (error) {
    const isFailure = error instanceof KataError && error.exitCode !== exitCodes.terminated;
    if (isFailure) await node?.event('RemovalFailed', `${error.code}: ${error.message}`);
    throw error;
  }
  if (waitingFor.length > 0) {
    const note = `cleanup pending: ${waitingFor.length} Kata pods are still running; when they have ended, run: kata-deploy cleanup`;
    say(note);
    for (const more of sandboxNotes(removal.facts.sandboxView)) say(more);
    if (isNews) await node?.event('CleanupPending', note);
    return waitingFor;
  }
  if (node !== undefined) await forget(config, node, removal, hasLegacy);
  const { plan, facts } = removal;
  print(facts.record === undefined ? plan.notes.join('\n') : 'Kata is removed from this node.');
  return [];
}

/** No new pod may come while we remove what it would need. Returns whether the node said something else before. */
async function demote(
  { config }: Session,
  node: ClusterNode,
  { facts, plan }: Removal,
  hasLegacy: boolean,
): Promise<boolean> {
  const { demotedChanges, isTouched } = await import('@kata/installer');
  const { suffix } = config.settings;
  const { record } = facts;
  const reason = plan.waitingFor.length > 0 ? 'SandboxesLive' : 'Removing';
  const status = await node.status(reason, record?.current ?? undefined);
  return await node.say(status, (seen) => {
    // A node that never had anything gets no label only to lose it.
    if (record === undefined && !isTouched(seen, suffix)) return {};
    return demotedChanges(seen, suffix, record?.handlers ?? [], hasLegacy, status);
  });
}

async function forget(
  config: DeployConfig,
  node: ClusterNode,
  { facts }: Removal,
  hasLegacy: boolean,
): Promise<void> {
  const { removedChanges } = await import('@kata/installer');
  const { suffix } = config.settings;
  const handlers = facts.record?.handlers ?? [];
  const changed = await node.patch((seen) => removedChanges(seen, suffix, handlers, hasLegacy));
  if (changed) await node.event('Removed', 'Kata is removed from this node');
  await releaseRights(config, node);
}
