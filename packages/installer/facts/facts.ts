/**
 * The observed state of the node, as plain data.
 *
 * Room `facts`: everything that is read, once and under the lock, before a plan is made. It imports `state`, `engine` and
 * `adoption`, and changes nothing, except that it removes left-overs of killed writes. All that a plan depends on must be
 * in `NodeFacts`, or the second plan of a run can never be empty.
 */
import type { ReleaseManifest } from '@kata/artifacts';
import type { FileInfo } from '@kata/host';
import type { Upstream } from '../adoption/upstream.ts';
import type { EngineFacts } from '../engine/engine-facts.ts';
import type { EngineNote } from '../state/activation.ts';
import type { Goal } from '../state/journal.ts';
import type { OwnershipRecord } from '../state/record.ts';
import type { SandboxView } from './sandboxes.ts';

export interface NodeFacts {
  /** A lost record is rebuilt. */
  readonly record: OwnershipRecord | undefined;
  readonly isRecordRebuilt: boolean;
  /** Last note of a run that did not finish. */
  readonly unfinished: string | undefined;
  /** Goal of that run; undefined also when its journal has none. */
  readonly goal: Goal | undefined;
  /** Whether the engine has loaded our changes. */
  readonly engineNote: EngineNote;
  readonly releases: ReadonlyMap<string, ReleaseManifest>;
  /** Why a release cannot be used, by id; these are not in `releases`. Only the wanted release is compared file by file. */
  readonly damaged: ReadonlyMap<string, string>;
  readonly engine: EngineFacts;
  /** Ids of the running sandboxes of this installation. */
  readonly sandboxes: readonly string[];
  /** The same with details. */
  readonly sandboxView: SandboxView;
  readonly bootId: string;
  /** Links in the installation, by name: the paths that users know. */
  readonly links: ReadonlyMap<string, FileInfo>;
  /** The installation of another installer, until it is adopted and its files are removed. */
  readonly upstream: Upstream | undefined;
  /** Releases whose files are named in the configurations of active handlers. */
  readonly named: ReadonlySet<string>;
}
