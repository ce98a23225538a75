/** The labels and the annotation by which a node says what it has. */
import { annotations, handlerLabel, instanceLabel, labels } from '@kata/kata';
import type { HandlerEntry } from './facts.ts';

export interface NodeStatus {
  readonly phase: 'installed' | 'cleanup-pending' | 'failed';
  readonly version: string;
  readonly release: string;
  readonly reason: string;
  readonly time: string;
}

export interface NodeMetadata {
  readonly labels: Readonly<Record<string, string | null>>;
  readonly annotations: Readonly<Record<string, string | null>>;
}

/** Says `true` only when the handlers are served. */
export function servingMetadata(
  suffix: string,
  handlers: readonly HandlerEntry[],
  dropped: readonly HandlerEntry[],
  status: NodeStatus,
): NodeMetadata {
  return {
    labels: {
      ...handlerLabels(dropped, null),
      ...handlerLabels(handlers, 'true'),
      [labels.kataRuntime]: 'true',
      [instanceLabel(suffix)]: 'true',
    },
    annotations: { [annotations.status]: JSON.stringify(status) },
  };
}

/** No new pod shall come, but what is there is still ours. */
export function demotedMetadata(
  suffix: string,
  handlers: readonly HandlerEntry[],
  keepsShared: boolean,
  status: NodeStatus,
): NodeMetadata {
  return {
    labels: {
      ...handlerLabels(handlers, null),
      ...(keepsShared ? {} : { [labels.kataRuntime]: 'false' }),
      [instanceLabel(suffix)]: 'false',
    },
    annotations: { [annotations.status]: JSON.stringify(status) },
  };
}

export function removedMetadata(
  suffix: string,
  handlers: readonly HandlerEntry[],
  keepsShared: boolean,
): NodeMetadata {
  return {
    labels: {
      ...handlerLabels(handlers, null),
      ...(keepsShared ? {} : { [labels.kataRuntime]: null }),
      [instanceLabel(suffix)]: null,
    },
    annotations: { [annotations.status]: null },
  };
}

function handlerLabels(
  handlers: readonly HandlerEntry[],
  value: string | null,
): Record<string, string | null> {
  return Object.fromEntries(handlers.map((handler) => [handlerLabel(handler.name), value]));
}
