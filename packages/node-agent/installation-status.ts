/** What is installed on this machine, whether or not a cluster can be asked. */
import {
  confirmServed,
  type Hold,
  isUnresponsive,
  lostRecordNote,
  namePods,
  readUnknownDecision,
  sandboxNotes,
  type UnknownDecision,
} from '@kata/installer';
import type { AgentContext } from './context.ts';

export interface InstallationStatus {
  readonly prefix: string;
  readonly engine: string;
  /** Why the engine could not be asked. */
  readonly engineProblem: string | null;
  readonly current: string | null;
  readonly previous: string | null;
  readonly releases: readonly string[];
  readonly handlers: readonly { readonly name: string; readonly served: boolean | null }[];
  /** Ids of those that are running. */
  readonly sandboxes: readonly string[];
  /** Names of their pods. */
  readonly pods: string;
  /** That the record is lost; how they were counted, and what to clear. */
  readonly notes: readonly string[];
  readonly interrupted: string | null;
  /** By an administrator: see `rollback --hold`. */
  readonly hold: Hold | null;
  /** Its pod was told to end, and could not find out whether the installation shall go. */
  readonly undecided: UnknownDecision | null;
}

/** Served is what the engine lists and a pod can be started with, as in the labels of the node. */
export async function readInstallationStatus({
  installation,
  config,
  host,
}: AgentContext): Promise<InstallationStatus> {
  const { prefix } = config.settings;
  const { engine, isRecordRebuilt, record, releases, sandboxView, sandboxes, unfinished } =
    await installation.readKnownFacts();
  const { served, problem } = engine;
  const current = record?.current ?? undefined;
  const handlers = record?.handlers ?? [];
  const usable = served && (await confirmServed({ host, prefix, current, handlers }, served));
  const isSilent = problem !== undefined && isUnresponsive(problem);
  return {
    prefix,
    engine: engine.title,
    engineProblem: problem === undefined ? null : `${isSilent ? 'does not answer: ' : ''}${problem.message}`,
    current: current ?? null,
    previous: record?.previous ?? null,
    releases: [...releases.keys()],
    handlers: handlers.map(({ name }) => ({ name, served: usable?.includes(name) ?? null })),
    sandboxes,
    pods: namePods(sandboxView.running),
    notes: [...(isRecordRebuilt ? [lostRecordNote(current)] : []), ...sandboxNotes(sandboxView)],
    interrupted: unfinished ?? null,
    hold: record?.hold ?? null,
    undecided: (await readUnknownDecision(host, prefix)) ?? null,
  };
}
