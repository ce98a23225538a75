/** Changes of the node's labels and status annotation. */
import { handlerLabel, instanceLabel, labels, statusAnnotation } from '@kata/kata';
import { decideSharedLabel } from './decide.ts';
import { type NodeStatus, statusChange } from './status.ts';

export interface LabelledHandler {
  readonly name: string;
}

export interface NodeMetadata {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

export interface NodeChanges {
  readonly labels: Readonly<Record<string, string | null>>;
  readonly annotations: Readonly<Record<string, string | null>>;
}

/** Marks the node before an installation, so that a removal finds also an unfinished one. Existing labels stay. */
export function claimChanges(node: NodeMetadata, suffix: string): NodeChanges {
  const wanted = [labels.kataRuntime, instanceLabel(suffix)];
  const absent = wanted.filter((key) => node.labels[key] === undefined);
  return { labels: Object.fromEntries(absent.map((key) => [key, 'false'])), annotations: {} };
}

/** `served`: all handlers that the engine lists; labels of other handlers are removed. */
export function servingChanges(
  node: NodeMetadata,
  suffix: string,
  handlers: readonly LabelledHandler[],
  served: readonly string[],
  status: NodeStatus,
): NodeChanges {
  const stale = Object.keys(node.labels).filter(
    (key) => key.startsWith(labels.handlerPrefix) && !served.includes(key.slice(labels.handlerPrefix.length)),
  );
  return {
    labels: {
      ...Object.fromEntries(stale.map((key) => [key, null])),
      ...servingLabels(suffix, handlers),
    },
    annotations: statusChange(node, suffix, status),
  };
}

/** All labels that a node with these served handlers needs. */
export function servingLabels(suffix: string, handlers: readonly LabelledHandler[]): Record<string, 'true'> {
  const own = handlers.map(({ name }) => handlerLabel(name));
  const keys = [...own, labels.kataRuntime, instanceLabel(suffix)];
  return Object.fromEntries(keys.map((key) => [key, 'true']));
}

/** Of a held node: served handlers are labelled, also on a recreated Node object; labels that pods need stay. */
export function heldChanges(
  node: NodeMetadata,
  suffix: string,
  status: NodeStatus,
  held: {
    readonly served: readonly LabelledHandler[];
    readonly hasPods: boolean;
    readonly isInstalled: boolean;
    readonly handlers: readonly LabelledHandler[];
    readonly hasLegacy: boolean;
  },
): NodeChanges {
  const annotations = statusChange(node, suffix, status);
  if (held.served.length > 0) return { labels: servingLabels(suffix, held.served), annotations };
  if (held.hasPods) return { labels: {}, annotations };
  const { handlers, hasLegacy } = held;
  const { labels: changes } = held.isInstalled
    ? demotedChanges(node, suffix, handlers, hasLegacy, status)
    : removedChanges(node, suffix, handlers, hasLegacy);
  // A node that never had a label gets none.
  const known = Object.entries(changes).filter(([key]) => node.labels[key] !== undefined);
  return { labels: Object.fromEntries(known), annotations };
}

/** Keeps new pods away; the node stays marked as ours. */
export function demotedChanges(
  node: NodeMetadata,
  suffix: string,
  handlers: readonly LabelledHandler[],
  hasLegacy: boolean,
  status: NodeStatus,
): NodeChanges {
  const ownLabel = instanceLabel(suffix);
  const shared = decideSharedLabel({ nodeLabels: node.labels, ownLabel, hasLegacy });
  return {
    labels: {
      ...handlerLabels(handlers, null),
      ...(shared === 'keep' ? {} : { [labels.kataRuntime]: 'false' }),
      [ownLabel]: 'false',
    },
    annotations: statusChange(node, suffix, status),
  };
}

export interface HandlerRetention {
  readonly handlers: readonly LabelledHandler[];
  /** Names of handlers used by pods that are running on or bound to the node. */
  readonly retained: readonly string[];
  /** Names of all handlers that the engine lists; undefined when it does not answer. */
  readonly served: readonly string[] | undefined;
}

/** Pods need the labels in their node selector, because kubelet admits them again when it starts. Other labels are removed. */
export function neededLabels(
  suffix: string,
  { handlers, retained, served = [] }: HandlerRetention,
): NodeChanges['labels'] {
  const unused = handlers.filter(({ name }) => !retained.includes(name));
  const inUse = handlers.filter(({ name }) => retained.includes(name) && served.includes(name));
  return {
    ...handlerLabels(unused, null),
    ...handlerLabels(inUse, 'true'),
    ...(inUse.length === 0 ? {} : { [labels.kataRuntime]: 'true', [instanceLabel(suffix)]: 'true' }),
  };
}

export function pendingChanges(
  node: NodeMetadata,
  suffix: string,
  retention: HandlerRetention,
  status: NodeStatus,
): NodeChanges {
  return { labels: neededLabels(suffix, retention), annotations: statusChange(node, suffix, status) };
}

export function removedChanges(
  node: NodeMetadata,
  suffix: string,
  handlers: readonly LabelledHandler[],
  hasLegacy: boolean,
): NodeChanges {
  const ownLabel = instanceLabel(suffix);
  const shared = decideSharedLabel({ nodeLabels: node.labels, ownLabel, hasLegacy });
  return {
    labels: {
      ...handlerLabels(handlers, null),
      ...(shared === 'keep' ? {} : { [labels.kataRuntime]: shared === 'demote' ? 'false' : null }),
      [ownLabel]: null,
      [statusAnnotation(suffix)]: null,
    },
    annotations: { [statusAnnotation(suffix)]: null },
  };
}

/** This installation has a label or a status on the node. */
export function isTouched(node: NodeMetadata, suffix: string): boolean {
  return (
    node.labels[instanceLabel(suffix)] !== undefined ||
    node.annotations[statusAnnotation(suffix)] !== undefined
  );
}

function handlerLabels(
  handlers: readonly LabelledHandler[],
  value: string | null,
): Record<string, string | null> {
  return Object.fromEntries(handlers.map((handler) => [handlerLabel(handler.name), value]));
}
