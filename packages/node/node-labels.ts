/** The labels and the annotation by which a node says what it has. Each is a function of the node as it is. */
import { handlerLabel, instanceLabel, labels, statusAnnotation } from '@kata/kata';
import { decideSharedLabel } from './decide.ts';
import { type NodeStatus, statusChange } from './status.ts';

/** A handler of the node's engine; its label is named after it. */
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

/** Before anything is changed: a removal must find also what was only begun. What is there stays. */
export function claimChanges(node: NodeMetadata, suffix: string): NodeChanges {
  const wanted = [labels.kataRuntime, instanceLabel(suffix)];
  const absent = wanted.filter((key) => node.labels[key] === undefined);
  return { labels: Object.fromEntries(absent.map((key) => [key, 'false'])), annotations: {} };
}

/** Says `true` of what is served. `served` is all that the engine lists: labels of other handlers go. */
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

/** What says that these are served; a node needs no other label for that. */
export function servingLabels(suffix: string, handlers: readonly LabelledHandler[]): Record<string, 'true'> {
  const own = handlers.map(({ name }) => handlerLabel(name));
  const keys = [...own, labels.kataRuntime, instanceLabel(suffix)];
  return Object.fromEntries(keys.map((key) => [key, 'true']));
}

/** Of a node that is held: what it serves has its labels, also on a node object that was made anew; where pods need them they stay. */
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
  // A node that never had anything gets no label only to say so.
  const known = Object.entries(changes).filter(([key]) => node.labels[key] !== undefined);
  return { labels: Object.fromEntries(known), annotations };
}

/** No new pod shall come, but what is there is still ours. */
export function demotedChanges(
  node: NodeMetadata,
  suffix: string,
  handlers: readonly LabelledHandler[],
  hasLegacy: boolean,
  status: NodeStatus,
): NodeChanges {
  const ownMark = instanceLabel(suffix);
  const shared = decideSharedLabel({ nodeLabels: node.labels, ownMark, hasLegacy });
  return {
    labels: {
      ...handlerLabels(handlers, null),
      ...(shared === 'keep' ? {} : { [labels.kataRuntime]: 'false' }),
      [ownMark]: 'false',
    },
    annotations: statusChange(node, suffix, status),
  };
}

/** What stays for pods. */
export interface HandlerRetention {
  readonly handlers: readonly LabelledHandler[];
  /** Names of those that pods use which run or are bound to the node. */
  readonly retained: readonly string[];
  /** Names of all that the engine lists; undefined when it does not answer. */
  readonly served: readonly string[] | undefined;
}

/** Pods need the labels of their class, for kubelet admits them anew when it starts; what no pod needs goes. */
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

/** While a removal waits for pods. */
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
  const ownMark = instanceLabel(suffix);
  const shared = decideSharedLabel({ nodeLabels: node.labels, ownMark, hasLegacy });
  return {
    labels: {
      ...handlerLabels(handlers, null),
      ...(shared === 'keep' ? {} : { [labels.kataRuntime]: shared === 'demote' ? 'false' : null }),
      [ownMark]: null,
      [statusAnnotation(suffix)]: null,
    },
    annotations: { [statusAnnotation(suffix)]: null },
  };
}

/** Something of this installation is still on the node, or is to come. */
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
