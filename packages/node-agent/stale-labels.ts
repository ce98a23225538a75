/** Keeps labels only for handlers that the engine lists and that can start a pod. */
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
import { isTouched, type LabelFacts, staleLabelChanges } from '@kata/node';
import type { ClusterNode } from './cluster-node.ts';
import type { AgentContext } from './context.ts';
import { hasLegacyInstaller } from './legacy-installer.ts';
import { handlersOfOthers, listOwnPods } from './own-pods.ts';

/** Labels stay while pods need them, and where the engine does not report what it serves. */
export async function removeStaleLabels(context: AgentContext, node: ClusterNode): Promise<void> {
  const { suffix } = context.config.settings;
  const truth = await readLabelFacts(context, node);
  if (truth === undefined) return;
  const changed = await node.patch((seen) => ({
    labels: staleLabelChanges(seen, suffix, truth),
    annotations: {},
  }));
  if (changed) context.report.note('removed the labels of handlers that this node does not serve');
}

async function readLabelFacts(context: AgentContext, node: ClusterNode): Promise<LabelFacts | undefined> {
  const { host, config, installation } = context;
  const { prefix } = config.settings;
  try {
    const record = await readRecord(host, prefix);
    const handlers = await ownHandlers(context, record);
    const vanished = record === undefined ? await vanishedHandlers(context, node) : [];
    const ours = [...handlers.map(({ name }) => name), ...vanished];
    const { usable } = await readServing(context);
    const { running } = await installation.readSandboxes();
    // `named`, not the record's: the record may be gone.
    const named = ours.map((name) => ({ name }));
    const bound = await listOwnPods(context, node, { handlers: named, classes: record?.classes });
    // kubelet admits running pods again when it starts, and then their node selector must match.
    const retained = retainedHandlers([...running, ...bound], ours);
    const hasLegacy = await hasLegacyInstaller(config, node);
    const ofOthers = await handlersOfOthers(context, node);
    const served = usable.filter((name) => !vanished.includes(name));
    return { served: [...served, ...retained, ...ofOthers], ours, hasLegacy };
  } catch (error) {
    if (!(error instanceof KataError)) throw error;
    context.report.note(`the labels of the node are not updated: ${error.message}`);
    return undefined;
  }
}

/**
 * Names of handlers that have a label and are in no file that the engine reads: it lists them until it restarts.
 * Without the record, nothing tells that they were retained for pods.
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

/** Writes an Event when the Node object was recreated; `release`: what the machine has. */
export async function reportRecreatedNode(
  { config }: AgentContext,
  node: ClusterNode,
  release: string,
): Promise<void> {
  if (isTouched(await node.read(), config.settings.suffix)) return;
  await node.event(
    'NodeReturned',
    `the Node object had no kata-deploy labels, although release ${release} is installed`,
  );
}

/** Names of handlers. */
export interface Serving {
  /** All that the engine lists. */
  readonly listed: readonly string[];
  /** Of these, those that can start a pod; of other installations, all. */
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

/** Recorded and configured handlers. */
async function ownHandlers(
  { config }: AgentContext,
  record: OwnershipRecord | undefined,
): Promise<readonly Handler[]> {
  const recorded = record?.handlers ?? [];
  const names = new Set(recorded.map(({ name }) => name));
  return [...recorded, ...wantedHandlers(config.settings).filter(({ name }) => !names.has(name))];
}
