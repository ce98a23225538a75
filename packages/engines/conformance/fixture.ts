/** A machine on which an engine must keep the laws, described by the engine's own tests. */
import type { HostPath } from '@kata/host';
import type { MemorySeed } from '@kata/host/memory';
import type { Served } from './oracle.ts';
import type { Desired } from './trial.ts';

export interface EngineFixture {
  readonly name: string;
  /** Of the engine. */
  readonly version: string;
  /** Versions that replace it one after the other, newer or older, and read its files, too. */
  readonly nextVersions: readonly string[];
  /** Those of them that do not serve our handlers, or not all else, until the next step. */
  readonly losesOursWith: readonly string[];
  readonly files: Readonly<Record<HostPath, MemorySeed>>;
  /** A valid one, with the settings in it; undefined: this machine accepts none. */
  readonly userDropIn?: { readonly text: string; readonly settings: Served['settings'] } | undefined;
  /** The codes of the expected refusals; everything else must succeed. */
  readonly refuses?: Refusals | undefined;
}

/** `handlers`: any handlers; the others: handlers with that option. */
export interface Refusals {
  readonly handlers?: `KATA_ENGINE_${string}`;
  readonly snapshotter?: `KATA_ENGINE_${string}`;
  readonly userDropIn?: `KATA_ENGINE_${string}`;
}

/** Undefined: the machine must accept it. */
export function refusalOf({ refuses = {} }: EngineFixture, desired: Desired): string | undefined {
  if (desired.handlers.length === 0) return undefined;
  if (refuses.handlers !== undefined) return refuses.handlers;
  if (desired.handlers.some(({ snapshotter }) => snapshotter !== undefined)) return refuses.snapshotter;
  return desired.userDropIn === undefined ? undefined : refuses.userDropIn;
}
