/** Reads what is installed on this machine and, in a cluster, what its Node object reports. */
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
import { readReportedStatus, type ReportedStatus } from './reported-status.ts';

export interface InstallationStatus {
  readonly prefix: string;
  readonly engine: string;
  /** Why the engine could not be queried. */
  readonly engineProblem: string | null;
  readonly current: string | null;
  readonly previous: string | null;
  readonly releases: readonly string[];
  readonly handlers: readonly { readonly name: string; readonly served: boolean | null }[];
  /** Ids of running sandboxes. */
  readonly sandboxes: readonly string[];
  /** Names of their pods. */
  readonly pods: string;
  /** A lost record; how sandboxes were counted; left-overs to delete. */
  readonly notes: readonly string[];
  readonly interrupted: string | null;
  /** See `rollback --hold`. */
  readonly hold: Hold | null;
  /** Its pod was terminated (SIGTERM) and could not find out whether to remove the installation. */
  readonly undecided: UnknownDecision | null;
  /** Left out without a cluster. */
  readonly reported?: ReportedStatus;
}

/** A handler is served when the engine lists it and its files are there, as for the labels of the node. */
export async function readInstallationStatus(context: AgentContext): Promise<InstallationStatus> {
  const { installation, config, host } = context;
  const { prefix } = config.settings;
  const [facts, reported] = await Promise.all([installation.readKnownFacts(), readReportedStatus(context)]);
  const { engine, isRecordRebuilt, record, releases, sandboxView, sandboxes, unfinished } = facts;
  const { served, problem } = engine;
  const current = record?.current ?? undefined;
  const handlers = record?.handlers ?? [];
  const usable = served && (await confirmServed({ host, prefix, current, handlers }, served));
  const isUnresponsiveEngine = problem !== undefined && isUnresponsive(problem);
  return {
    prefix,
    engine: engine.title,
    engineProblem:
      problem === undefined ? null : `${isUnresponsiveEngine ? 'does not answer: ' : ''}${problem.message}`,
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
    ...(reported === undefined ? {} : { reported }),
  };
}
