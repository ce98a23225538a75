/**
 * What is seen of the engine of this node, as plain data.
 *
 * Room `engine`: the one engine of this node, whatever its kind: reached, judged, edited over the text that was seen, and
 * restarted. Everybody reaches it by `EngineSession`, and plans its files by `plan-edits.ts`. It imports `state` and the
 * contract of `packages/engines`. Its files belong to others, too: nothing is written that was not compared just before.
 */
import type { KataError } from '@kata/core';
import type { EngineKind, FoundHandler, ForeignHandler } from '@kata/engines';
import type { HostPath } from '@kata/host';
import type { EngineSettings } from './engine-settings.ts';

/** What its probe found; only its own code understands it. */
export interface ProbedEngine {
  readonly kind: EngineKind;
  readonly probed: unknown;
  /** Those that it was probed with. */
  readonly settings: EngineSettings;
}

/** All that is known where it cannot be reached: no change of its files can be planned. */
export interface UnreachedEngine {
  readonly problem: KataError;
}

/** Its files, as one version of it reads them. */
export interface EngineFiles {
  /** All that it reads at its start. */
  readonly configFiles: readonly HostPath[];
  /** Of those files, and of others that may come to be read. */
  readonly configTexts: ReadonlyMap<HostPath, string>;
  /** Named there, and not there. */
  readonly missingFiles: readonly HostPath[];
  /** Handlers that are ours by their paths, as the engine's files have them. */
  readonly found: readonly FoundHandler[];
  /** Handlers of others, which are never removed; sandboxes of those that use our files need these. */
  readonly others: readonly ForeignHandler[];
}

/** What a change of its files is planned from. */
export type PlannedEngine = (ProbedEngine & { readonly problem?: undefined }) | UnreachedEngine;

export interface EngineState extends EngineFiles {
  /** Such as `containerd 2.2.1`. */
  readonly title: string;
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
}

export type ReachedEngine = EngineState & ProbedEngine & { readonly problem?: undefined };

/** Where it cannot be reached: its state as nobody knows it, and why. */
export type EngineFacts = ReachedEngine | (EngineState & UnreachedEngine);

export function unreachedEngine(problem: KataError): EngineState & UnreachedEngine {
  return {
    title: 'the container runtime',
    problem,
    version: '',
    running: '',
    unit: '',
    isActive: false,
    invocationId: undefined,
    served: undefined,
    unloaded: [],
    keepsShimInfo: true,
    configFiles: [],
    configTexts: new Map(),
    missingFiles: [],
    found: [],
    others: [],
  };
}
