/** Keeps a node from saying that it serves what it does not: labels follow what the engine lists and a pod can be started with. */
import { KataError } from '@kata/core';
import {
  confirmServed,
  isNamedForAnother,
  type OwnershipRecord,
  readRecord,
  retainedHandlers,
  wantedHandlers,
} from '@kata/installer';
import { type Handler, labels } from '@kata/kata';
import { isTouched, type LabelTruth, truthfulLabels } from '@kata/node';
import type { ClusterNode } from './cluster-node.ts';
import type { AgentContext } from './context.ts';
import { seesLegacyInstaller } from './legacy-installer.ts';
import { handlersOfOthers, listOwnPods } from './own-pods.ts';

/** Takes back what is not true. Labels stay while pods need them, and where the engine does not say what it serves. */
export async function makeLabelsTrue(context: AgentContext, node: ClusterNode): Promise<void> {
  const { suffix } = context.config.settings;
  const truth = await seeTruth(context, node);
  if (truth === undefined) return;
  const changed = await node.patch((seen) => ({
    labels: truthfulLabels(seen, suffix, truth),
    annotations: {},
  }));
  if (changed) context.report.note('labels of handlers that this node does not serve are removed');
}

async function seeTruth(context: AgentContext, node: ClusterNode): Promise<LabelTruth | undefined> {
  const { host, config, installation } = context;
  const { prefix } = config.settings;
  try {
    const record = await readRecord(host, prefix);
    const handlers = await ownHandlers(context, record);
    const vanished = record === undefined ? await vanishedHandlers(context, node) : [];
    const ours = [...handlers.map(({ name }) => name), ...vanished];
    const { usable } = await readServing(context);
    const { running } = await installation.readSandboxes();
    // Also where the record is gone with everything else.
    const named = ours.map((name) => ({ name }));
    const bound = await listOwnPods(context, node, { handlers: named, classes: record?.classes });
    // kubelet admits their pods anew when it starts.
    const retained = retainedHandlers([...running, ...bound], ours);
    const hasLegacy = await seesLegacyInstaller(config, node);
    const ofOthers = await handlersOfOthers(context, node);
    const served = usable.filter((name) => !vanished.includes(name));
    return { served: [...served, ...retained, ...ofOthers], ours, hasLegacy };
  } catch (error) {
    if (!(error instanceof KataError)) throw error;
    context.report.note(`labels stay as they are: ${error.message}`);
    return undefined;
  }
}

/**
 * Names of handlers that have a label and stand in no file that the engine reads: it lists them until it starts again.
 * With the record went what says that they stayed for pods.
 */
async function vanishedHandlers(
  { config, installation }: AgentContext,
  node: ClusterNode,
): Promise<readonly string[]> {
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
export async function nameReturn(
  { config }: AgentContext,
  node: ClusterNode,
  release: string,
): Promise<void> {
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

export async function readServing(context: AgentContext): Promise<Serving> {
  const { host, config, engine } = context;
  const { prefix } = config.settings;
  const listed = await engine.servedHandlers();
  const record = await readRecord(host, prefix);
  const current = record?.current ?? undefined;
  const handlers = await ownHandlers(context, record);
  return { listed, usable: await confirmServed({ host, prefix, current, handlers }, listed) };
}

/** What this installation has, and shall have. */
async function ownHandlers(
  { config }: AgentContext,
  record: OwnershipRecord | undefined,
): Promise<readonly Handler[]> {
  const recorded = record?.handlers ?? [];
  const names = new Set(recorded.map(({ name }) => name));
  return [...recorded, ...wantedHandlers(config.settings).filter(({ name }) => !names.has(name))];
}
