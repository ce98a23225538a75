/** Keeps a node from saying that it serves what it does not: labels follow what the engine lists and a pod can be started with. */
import { KataError } from '@kata/core';
import type { HandlerEntry, OwnershipRecord } from '@kata/installer';
import type { LabelTruth } from '@kata/node';
import type { ClusterNode } from './cluster-node.ts';
import { seesLegacyInstaller } from './legacy-installer.ts';
import { handlersOfOthers, listOwnPods } from './own-pods.ts';
import { say, type Session } from './session.ts';

/** Takes back what is not true. Labels stay while pods need them, and where the engine does not say what it serves. */
export async function makeLabelsTrue(session: Session, node: ClusterNode): Promise<void> {
  const { truthfulLabels } = await import('@kata/node');
  const { suffix } = session.config.settings;
  const truth = await seeTruth(session, node);
  if (truth === undefined) return;
  const changed = await node.patch((seen) => ({
    labels: truthfulLabels(seen, suffix, truth),
    annotations: {},
  }));
  if (changed) say('labels of handlers that this node does not serve are removed');
}

async function seeTruth(session: Session, node: ClusterNode): Promise<LabelTruth | undefined> {
  const { readRecord, usedHandlers } = await import('@kata/installer');
  const { host, config, installation } = session;
  const { prefix } = config.settings;
  try {
    const record = await readRecord(host, prefix);
    const handlers = await ownHandlers(session, record);
    const vanished = record === undefined ? await vanishedHandlers(session, node) : [];
    const ours = [...handlers.map(({ name }) => name), ...vanished];
    const { usable } = await readServing(session);
    const { running } = await installation.lookAtSandboxes();
    // Also where the record is gone with everything else.
    const named = ours.map((name) => ({ name }));
    const bound = await listOwnPods(session, node, { handlers: named, classes: record?.classes });
    // kubelet admits their pods anew when it starts.
    const needed = usedHandlers([...running, ...bound], ours);
    const hasLegacy = await seesLegacyInstaller(config, node);
    const ofOthers = await handlersOfOthers(session, node);
    const served = usable.filter((name) => !vanished.includes(name));
    return { served: [...served, ...needed, ...ofOthers], ours, hasLegacy };
  } catch (error) {
    if (!(error instanceof KataError)) throw error;
    say(`labels stay as they are: ${error.message}`);
    return undefined;
  }
}

/**
 * Names of handlers that have a label and stand in no file that the engine reads: it lists them until it starts again.
 * With the record went what says that they stayed for pods.
 */
async function vanishedHandlers(
  { config, installation }: Session,
  node: ClusterNode,
): Promise<readonly string[]> {
  const { isNamedForAnother } = await import('@kata/installer');
  const { labels } = await import('@kata/kata');
  const { engine } = await installation.readKnownFacts();
  if (engine.problem !== undefined) return [];
  const defined = new Set([...engine.found, ...engine.others].map(({ name }) => name));
  const seen = await node.read();
  return Object.keys(seen.labels)
    .filter((key) => key.startsWith(labels.handlerPrefix))
    .map((key) => key.slice(labels.handlerPrefix.length))
    .filter((name) => !defined.has(name) && !isNamedForAnother(name, seen.labels, config.settings.suffix));
}

/** Names a node object that was made anew; `release`: what the machine has. */
export async function nameReturn({ config }: Session, node: ClusterNode, release: string): Promise<void> {
  const { isTouched } = await import('@kata/node');
  if (isTouched(await node.read(), config.settings.suffix)) return;
  await node.event('NodeReturned', `the node had none of our labels, and has release ${release}`);
}

/** Names of handlers. */
export interface Serving {
  /** All that the engine lists. */
  readonly listed: readonly string[];
  /** Those of them that a pod can be started with; of other installations, all. */
  readonly usable: readonly string[];
}

export async function readServing(session: Session): Promise<Serving> {
  const { confirmServed, readRecord } = await import('@kata/installer');
  const { host, config, engine } = session;
  const { prefix } = config.settings;
  const listed = await engine.servedHandlers();
  const record = await readRecord(host, prefix);
  const current = record?.current ?? undefined;
  const handlers = await ownHandlers(session, record);
  return { listed, usable: await confirmServed({ host, prefix, current, handlers }, listed) };
}

/** What this installation has, and shall have. */
async function ownHandlers(
  { config }: Session,
  record: OwnershipRecord | undefined,
): Promise<readonly HandlerEntry[]> {
  const { wantedHandlers } = await import('@kata/installer');
  const recorded = record?.handlers ?? [];
  const names = new Set(recorded.map(({ name }) => name));
  return [...recorded, ...wantedHandlers(config.settings).filter(({ name }) => !names.has(name))];
}
