/**
 * The observed state of this node's engine, as plain data.
 *
 * Room `engine`: the one engine of this node, whatever its kind: queried, checked, edited and restarted. Other rooms use it
 * through `EngineSession`, and plan its files with `plan-edits.ts`. It imports `state` and the contract of
 * `packages/engines`. Other programs edit its files, too: each write compares the file with the expected text just before.
 */
import type { KataError } from '@kata/core';
import type { EngineKind, EngineLocation, FoundHandler, ForeignHandler } from '@kata/engines';
import type { HostPath } from '@kata/host';
import type { EngineSettings } from './engine-settings.ts';

/** What the engine's probe found; only its own code understands it. */
export interface ProbedEngine {
  readonly kind: EngineKind;
  readonly location: EngineLocation;
  readonly probed: unknown;
  /** The settings for the probe. */
  readonly settings: EngineSettings;
}

/** An engine that cannot be reached: no change of its files can be planned. */
export interface UnreachedEngine {
  readonly problem: KataError;
}

/** The engine's files, as one version of it reads them. */
export interface EngineFiles {
  /** All files that it reads at its start. */
  readonly configFiles: readonly HostPath[];
  /** Texts of those files, and of files that an edit may add to them. */
  readonly configTexts: ReadonlyMap<HostPath, string>;
  /** Files that are imported there, and missing. */
  readonly missingFiles: readonly HostPath[];
  /** Handlers in the engine's files that are ours by their paths. */
  readonly found: readonly FoundHandler[];
  /** Foreign handlers, which are never removed. Sandboxes of those that use our files need our files. */
  readonly others: readonly ForeignHandler[];
}

/** What a change of its files is planned from. */
export type PlannedEngine = (ProbedEngine & { readonly problem?: undefined }) | UnreachedEngine;

export interface EngineState extends EngineFiles {
  /** Such as `containerd 2.2.1`. */
  readonly title: string;
  /** Such as `2.2.1`: the version that reads the files at the next start. */
  readonly version: string;
  /** The running version. */
  readonly running: string;
  readonly unit: string;
  /** As systemd reports it. */
  readonly isActive: boolean;
  /** Of the unit's current start; see `UnitState`. */
  readonly invocationId: string | undefined;
  /** Names of all handlers that the engine lists; undefined when it does not answer. */
  readonly served: readonly string[] | undefined;
  /** Of its unit; see `UnitState`. */
  readonly killMode: string | undefined;
  /** Foreign files that it reads and, by their times, may not have loaded: shown to users, no decision depends on it. */
  readonly unloaded: readonly HostPath[];
  /** Whether the engine caches the answer of a shim to `-info`. */
  readonly keepsShimInfo: boolean;
}

export type ReachedEngine = EngineState & ProbedEngine & { readonly problem?: undefined };

/** For an engine that cannot be reached: an empty state, and why. */
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
    killMode: undefined,
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
