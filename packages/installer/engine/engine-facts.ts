/**
 * What an installer sees of an engine, and what it can have the engine's own code plan and judge.
 *
 * Room `engine`: the one engine of this node, whatever its kind: asked, judged, edited over the text that was seen, and
 * restarted. It imports `state` and the contract of `packages/engines`. Its files belong to others, too: nothing is
 * written that was not compared just before.
 */
import type { EngineWishes } from '@kata/artifacts';
import type { KataError } from '@kata/core';
import type { FileEdit, FoundHandler, OtherHandler } from '@kata/engines';
import type { HostPath } from '@kata/host';
import type { HandlerEntry, OwnershipRecord } from '../state/record.ts';

/** One engine, seen from the installer: its plan is asked for, its kind is not. */
export interface EngineFacts {
  /** Such as `containerd 2.2.1`. */
  readonly title: string;
  /** Why it could not be asked; then nothing else of it is known, and no change of its files can be planned. */
  readonly problem?: KataError;
  /** Such as `2.2.1`: of the engine that reads its files next. */
  readonly version: string;
  /** Of the one that runs. */
  readonly running: string;
  readonly unit: string;
  /** By systemd. */
  readonly isActive: boolean;
  /** Of the unit's present start; see `UnitState`. */
  readonly invocationId: string | undefined;
  /** Names of all handlers that the engine lists; undefined when it does not answer. */
  readonly served: readonly string[] | undefined;
  /** Files of others that it reads and may not have loaded, by their times: for a person, nothing is decided by it. */
  readonly unloaded: readonly HostPath[];
  /** Whether the engine keeps what a shim answers to `-info`. */
  readonly keepsShimInfo: boolean;
  /** What its own probe found; only the engine's own code understands it. */
  readonly probed: unknown;
  /** All files that it reads at its start. */
  readonly configFiles: readonly HostPath[];
  /** Of those files, and of others that may come to be read. */
  readonly configTexts: ReadonlyMap<HostPath, string>;
  /** Handlers that are ours by their paths, as the engine's files have them. */
  readonly found: readonly FoundHandler[];
  /** Handlers of others, which are never removed; sandboxes of those that use our files need these. */
  readonly others: readonly OtherHandler[];
  planDrops(names: readonly string[], record: OwnershipRecord): readonly FileEdit[];
  /** `told`: what the engine shall be told beside handlers; left out: what today's settings say. */
  planEdits(
    handlers: readonly HandlerEntry[],
    record: OwnershipRecord,
    told?: EngineWishes,
  ): readonly FileEdit[];
  /** Throws when the engine would not come back with these edits, or would not be as it was but for our handlers. */
  refuseHarm(change: EngineChange): void;
}

/** What a plan makes of the engine, as a whole. */
export interface EngineChange {
  readonly edits: readonly Pick<FileEdit, 'path' | 'after'>[];
  readonly handlers: readonly HandlerEntry[];
  readonly record: OwnershipRecord;
  /** See `planEdits`. */
  readonly told: EngineWishes | undefined;
  /** Its own loader has accepted it. */
  readonly isLoaded: boolean;
}
