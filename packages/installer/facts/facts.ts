/**
 * What the node looks like now. Read-only probes; the result is plain data.
 *
 * Room `facts`: everything that is read, once and under the lock, before a plan is made. It imports `state`, `engine` and
 * `adoption`, and changes nothing but left-overs of killed writes. Whatever a plan depends on must be in `NodeFacts`, or
 * the second plan of a run can never be empty.
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
  /** Where it is lost: as it is rebuilt. */
  readonly record: OwnershipRecord | undefined;
  readonly isRecordRebuilt: boolean;
  /** Last note of a run that did not finish. */
  readonly unfinished: string | undefined;
  /** What that run was to do; undefined also when nobody wrote it down. */
  readonly goal: Goal | undefined;
  /** What the engine has to load of what we wrote. */
  readonly engineNote: EngineNote;
  readonly releases: ReadonlyMap<string, ReleaseManifest>;
  /** Why a release cannot be used, by id; these are not in `releases`. Only the wanted one is looked at as a whole. */
  readonly damaged: ReadonlyMap<string, string>;
  readonly engine: EngineFacts;
  /** Ids of those of this installation that run. */
  readonly sandboxes: readonly string[];
  /** The same, with what is known of each. */
  readonly sandboxView: SandboxView;
  readonly bootId: string;
  /** What is at the paths that users know, below the installation. */
  readonly links: ReadonlyMap<string, FileInfo>;
  /** What another installer left that is not ours yet, or not gone yet. */
  readonly upstream: Upstream | undefined;
  /** Releases whose files are named by the configurations of handlers in force. */
  readonly named: ReadonlySet<string>;
}
