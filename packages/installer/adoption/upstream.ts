/**
 * What an installer before us left on the node, as plain data.
 *
 * Room `adoption`: finds, describes and adopts what upstream's installer left on a node. It imports `state` and
 * `engine`. Upstream's own files are exchanged for links and kept as a backup until all else is in force: nothing of them
 * is deleted before.
 */
import type { ReleaseManifest } from '@kata/artifacts';
import type { OwnershipRecord } from '../state/record.ts';

export type Leftover = NonNullable<OwnershipRecord['adopted']>['leftovers'][number];

export interface Upstream {
  /** Id of the release that its tree is or becomes. */
  readonly release: string;
  /** Undefined when that release is in the store already. */
  readonly tree: ReleaseManifest | undefined;
  /** Names in the installation that are still real where links of ours belong. */
  readonly names: readonly string[];
  /** Names that gave way to a link, whose former content still stands beside it. */
  readonly former: readonly string[];
  /** Handlers that it served. */
  readonly handlers: OwnershipRecord['handlers'];
  /** Files outside the installation that go with it and are as they were found. */
  readonly leftovers: readonly Leftover[];
  /** Units of its snapshotters. */
  readonly units: readonly string[];
}
