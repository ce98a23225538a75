/** Which Kata sandboxes of this installation run: the engine says so, and where it cannot be asked, their traces do. */
import { KataError } from '@kata/core';
import type { Host, HostPath } from '@kata/host';
import type { EngineFacts } from '../engine/engine-facts.ts';

/** Of the Go and of the Rust runtime. */
export const sandboxTraces: readonly HostPath[] = ['/run/vc/sbs', '/run/kata'];

export interface RunningSandbox {
  readonly id: string;
  /** Undefined where only its trace is seen: then it may be any. */
  readonly handler: string | undefined;
  /** The uid of its pod; undefined where only its trace is seen. */
  readonly podUid: string | undefined;
  /** With its namespace, where it is known. */
  readonly podName?: string | undefined;
}

export interface SandboxAnswer {
  /** Of the handlers that were asked for. */
  readonly running: readonly RunningSandbox[];
  /** Of all sandboxes, whosever, also those that have stopped; undefined where nobody knows them. */
  readonly allIds: readonly string[] | undefined;
}

/** As an engine lists it, whosever it is. */
export interface EngineSandbox {
  readonly id: string;
  readonly handler: string;
  /** Of its pod, as its name and its namespace. */
  readonly uid: string;
  readonly name: string;
  readonly namespace: string;
  /** Also while it is being terminated. */
  readonly isRunning: boolean;
}

export function runningOf(all: readonly EngineSandbox[], handlers: readonly string[]): SandboxAnswer {
  return {
    running: all
      .filter(({ isRunning, handler }) => isRunning && handlers.includes(handler))
      .map(({ id, handler, uid, name, namespace }) => ({
        id,
        handler,
        podUid: uid,
        podName: `${namespace}/${name}`,
      })),
    allIds: all.map(({ id }) => id),
  };
}

/** Names of handlers of whom sandboxes need our files: ours, and those of others that start our shim. */
export function handlersOfOurFiles({
  found,
  others,
}: Pick<EngineFacts, 'found' | 'others'>): readonly string[] {
  return [...found, ...others.filter(({ usesOurFiles }) => usesOurFiles)].map(({ name }) => name);
}

export type QuerySandboxes = (handlers: readonly string[]) => Promise<SandboxAnswer>;

export interface SandboxView {
  readonly running: readonly RunningSandbox[];
  /** All traces on the node: one may be of a sandbox that is just being started. */
  readonly traces: readonly string[];
  /** Folders that no sandbox belongs to. */
  readonly leftovers: readonly HostPath[];
  /** Why the traces are all that is known; undefined when the engine answered. */
  readonly unanswered: string | undefined;
}

export async function readSandboxes(
  host: Host,
  handlers: readonly string[],
  ask: QuerySandboxes | undefined,
): Promise<SandboxView> {
  const answer = await ask?.(handlers).catch((error: unknown) => {
    // What else may fail, such as the API server, leaves nobody who knows.
    if (!(error instanceof KataError) || error.code !== 'KATA_HOST_CRI') throw error;
    return error;
  });
  const folders = await listTraces(host);
  const traces = [...folders.keys()].toSorted();
  if (answer === undefined || answer instanceof KataError) {
    const running = traces.map((id) => ({ id, handler: undefined, podUid: undefined }));
    return { running, traces, leftovers: [], unanswered: answer?.message };
  }
  const { running, allIds } = answer;
  const left = traces.filter((id) => allIds?.includes(id) === false);
  return { running, traces, leftovers: left.flatMap((id) => folders.get(id) ?? []), unanswered: undefined };
}

/** Sorted, for a person. */
export function sandboxIds({ running }: Pick<SandboxView, 'running'>): readonly string[] {
  return running.map(({ id }) => id).toSorted();
}

/** All names by which they may be known later, also by those who see pods or traces only. */
export function sandboxNames({ running, traces }: SandboxView): readonly string[] {
  return [...new Set([...running.flatMap(({ id, podUid }) => [id, podUid ?? id]), ...traces])].toSorted();
}

/** For a person, such as `default/web, default/db, …`. */
export function namePods(running: readonly RunningSandbox[]): string {
  const names = running.map(({ podName, id }) => podName ?? id.slice(0, 13)).toSorted();
  return [...names.slice(0, 5), ...(names.length > 5 ? ['…'] : [])].join(', ');
}

/** What a person should know of how the sandboxes were counted. */
export function sandboxNotes({ running, leftovers, unanswered }: SandboxView): readonly string[] {
  const notes = leftovers.map(
    (path) =>
      `${path} belongs to no sandbox of the container runtime; unless a pod is just starting: rm -r ${path}`,
  );
  if (unanswered === undefined) return notes;
  return [
    `the container runtime does not answer: ${unanswered}`,
    ...running.map(
      ({ id }) =>
        `counted as running by its trace: ${sandboxTraces.map((folder) => `${folder}/${id}`).join(' or ')}; if no process of it is left, rm -r it`,
    ),
  ];
}

/** Folders by the id of their sandbox. */
async function listTraces(host: Host): Promise<ReadonlyMap<string, readonly HostPath[]>> {
  const found = new Map<string, readonly HostPath[]>();
  for (const directory of sandboxTraces) {
    for (const name of await host.files.list(directory)) {
      const path: HostPath = `${directory}/${name}`;
      const info = await host.files.info(path);
      // Kata's runtimes keep sockets and files of their own beside the sandboxes.
      const isSandbox = info?.kind === 'directory' && /^[0-9a-zA-Z][0-9a-zA-Z._-]{7,}$/.test(name);
      if (isSandbox) found.set(name, [...(found.get(name) ?? []), path]);
    }
  }
  return found;
}
