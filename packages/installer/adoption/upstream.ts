/**
 * The installation of another installer on the node, as plain data.
 *
 * Room `adoption`: finds, describes and adopts the installation of upstream's installer. It imports `state` and `engine`.
 * Upstream's files are replaced with links and kept as backups until the new release is active: none is deleted before.
 */
import type { ReleaseManifest } from '@kata/artifacts';
import type { OwnershipRecord } from '../state/record.ts';

export type Leftover = NonNullable<OwnershipRecord['adopted']>['leftovers'][number];

export interface Upstream {
  /** Id of the release that its tree is or becomes. */
  readonly release: string;
  /** Undefined when the store has that release already. */
  readonly tree: ReleaseManifest | undefined;
  /** Names in the installation that are still files or directories where our links belong. */
  readonly names: readonly string[];
  /** Names that were replaced with a link, and still have a backup next to it. */
  readonly backups: readonly string[];
  /** Handlers that it served. */
  readonly handlers: OwnershipRecord['handlers'];
  /** Files outside the installation that belong to it and are unchanged since they were found. */
  readonly leftovers: readonly Leftover[];
  /** Units of its snapshotters. */
  readonly units: readonly string[];
}
