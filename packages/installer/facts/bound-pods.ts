/** Selects the pods of this installation among those that are bound to a node. Pure. */
import { handlerLabel, instanceLabel, labels } from '@kata/kata';
import type { RunningSandbox } from './sandboxes.ts';

/** A pod with a RuntimeClass that has not ended. */
export interface BoundPod {
  readonly uid: string;
  /** With its namespace. */
  readonly name: string;
  readonly runtimeClass: string;
  /** Includes the keys that its RuntimeClass added. */
  readonly nodeSelector: Readonly<Record<string, string>>;
}

/** Distinguishes the pods of an installation from others. */
export interface PodOwner {
  readonly suffix: string;
  /** Names. */
  readonly handlers: readonly string[];
  /** Handlers of the recorded RuntimeClasses, by name: Helm deletes the classes before their pods end. */
  readonly classes: Readonly<Record<string, string>>;
}

/** By the keys that their class added to their node selector, else by the recorded class. */
export function ownPods(pods: readonly BoundPod[], owner: PodOwner): readonly RunningSandbox[] {
  return pods.flatMap((pod): RunningSandbox[] => {
    if (isOfAnother(pod.nodeSelector, owner.suffix)) return [];
    const handler = handlerOf(pod, owner);
    if (handler === undefined && pod.nodeSelector[instanceLabel(owner.suffix)] === undefined) return [];
    return [{ id: pod.uid, podUid: pod.uid, podName: pod.name, handler }];
  });
}

/** Whether it selects nodes by the label of another installation, and not by ours. */
export function isOfAnother(nodeSelector: BoundPod['nodeSelector'], suffix: string): boolean {
  const marks = Object.keys(nodeSelector).filter((key) => key.startsWith(labels.instancePrefix));
  return marks.length > 0 && !marks.includes(instanceLabel(suffix));
}

/** By the suffix of an installation that has its label on the node: handlers have it in their names. */
export function isNamedForAnother(
  handler: string,
  nodeLabels: Readonly<Record<string, string>>,
  suffix: string,
): boolean {
  const has = (one: string): boolean => `${handler}-`.includes(`-${one}-`);
  if (suffix !== '') return !has(suffix);
  const marks = Object.keys(nodeLabels).filter((key) => key.startsWith(labels.instancePrefix));
  return marks.some((mark) => has(mark.slice(labels.instancePrefix.length)));
}

function handlerOf(
  { nodeSelector, runtimeClass }: BoundPod,
  { handlers, classes }: PodOwner,
): string | undefined {
  const selected = handlers.find((name) => nodeSelector[handlerLabel(name)] !== undefined);
  if (selected !== undefined) return selected;
  const recorded = classes[runtimeClass];
  return handlers.find((name) => name === recorded || name === runtimeClass);
}

/** Each pod once; the engine's entry is preferred, because it has more details. */
export function uniteSandboxes(
  running: readonly RunningSandbox[],
  bound: readonly RunningSandbox[],
): readonly RunningSandbox[] {
  const known = new Set(running.map(({ podUid }) => podUid));
  const names = new Map(bound.map(({ podUid, podName }) => [podUid, podName]));
  return [
    ...running.map((one) => ({ ...one, podName: one.podName ?? names.get(one.podUid) })),
    ...bound.filter(({ podUid }) => !known.has(podUid)),
  ];
}

/** The handlers, of `all`, that these pods need: all of them when the handler of a pod is unknown. */
export function retainedHandlers(
  running: readonly RunningSandbox[],
  all: readonly string[],
): readonly string[] {
  if (running.some(({ handler }) => handler === undefined)) return all;
  return all.filter((name) => running.some(({ handler }) => handler === name));
}
