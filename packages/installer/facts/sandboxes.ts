/** Lists the running Kata sandboxes of this installation: from the engine, and when it does not answer, from their traces. */
import { KataError } from '@kata/core';
import type { Host, HostPath } from '@kata/host';
import type { EngineFacts } from '../engine/engine-facts.ts';

/** Folders in which the Go and the Rust runtime keep the state of sandboxes. */
export const sandboxTraces: readonly HostPath[] = ['/run/vc/sbs', '/run/kata'];

export interface RunningSandbox {
  readonly id: string;
  /** Undefined when only its trace was found: it may be any handler. */
  readonly handler: string | undefined;
  /** The uid of its pod; undefined when only its trace was found. */
  readonly podUid: string | undefined;
  /** With its namespace; undefined when unknown. */
  readonly podName?: string | undefined;
}

export interface SandboxAnswer {
  /** Those with one of the given handlers. */
  readonly running: readonly RunningSandbox[];
  /** Of all sandboxes on the node, also stopped ones; undefined when unknown. */
  readonly allIds: readonly string[] | undefined;
}

/** Any sandbox, as an engine lists it. */
export interface EngineSandbox {
  readonly id: string;
  readonly handler: string;
  /** `uid`, `name` and `namespace` are those of its pod. */
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

/** Names of the handlers whose sandboxes need our files: ours, and foreign ones that start our shim. */
export function handlersOfOurFiles({
  found,
  others,
}: Pick<EngineFacts, 'found' | 'others'>): readonly string[] {
  return [...found, ...others.filter(({ usesOurFiles }) => usesOurFiles)].map(({ name }) => name);
}

export type QuerySandboxes = (handlers: readonly string[]) => Promise<SandboxAnswer>;

export interface SandboxView {
  readonly running: readonly RunningSandbox[];
  /** Ids of all traces on the node: a sandbox may just be starting. */
  readonly traces: readonly string[];
  /** Traces without a sandbox. */
  readonly leftovers: readonly HostPath[];
  /** Why `running` comes from traces; undefined when the engine answered. */
  readonly unanswered: string | undefined;
}

export async function readSandboxes(
  host: Host,
  handlers: readonly string[],
  query: QuerySandboxes | undefined,
): Promise<SandboxView> {
  const answer = await query?.(handlers).catch((error: unknown) => {
    // Any other failure, such as of the API server, leaves the sandboxes unknown.
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

/** Sorted. */
export function sandboxIds({ running }: Pick<SandboxView, 'running'>): readonly string[] {
  return running.map(({ id }) => id).toSorted();
}

/** All ids by which they may be identified later: sandbox ids, pod uids and traces. */
export function sandboxNames({ running, traces }: SandboxView): readonly string[] {
  return [...new Set([...running.flatMap(({ id, podUid }) => [id, podUid ?? id]), ...traces])].toSorted();
}

/** For users, such as `default/web, default/db, …`. */
export function namePods(running: readonly RunningSandbox[]): string {
  const names = running.map(({ podName, id }) => podName ?? id.slice(0, 13)).toSorted();
  return [...names.slice(0, 5), ...(names.length > 5 ? ['…'] : [])].join(', ');
}

/** Notes for users on how the sandboxes were counted. */
export function sandboxNotes({ running, leftovers, unanswered }: SandboxView): readonly string[] {
  const notes = leftovers.map(
    (path) =>
      `the container runtime lists no sandbox for ${path}; unless a pod is just starting, remove it: rm -r ${path}`,
  );
  if (unanswered === undefined) return notes;
  return [
    `the container runtime does not answer: ${unanswered}`,
    ...running.map(
      ({ id }) =>
        `sandbox ${id} counts as running because of its trace, ${sandboxTraces.map((folder) => `${folder}/${id}`).join(' or ')}; if it has no process any more, remove the trace with rm -r`,
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
      // Kata's runtimes keep other sockets and files next to the sandboxes.
      const isSandbox = info?.kind === 'directory' && /^[0-9a-zA-Z][0-9a-zA-Z._-]{7,}$/.test(name);
      if (isSandbox) found.set(name, [...(found.get(name) ?? []), path]);
    }
  }
  return found;
}
