/** What others put into a release, as it is put into the next one. */
import type { HostPath } from '@kata/host';

export type PlacedEntry =
  | {
      readonly kind: 'file';
      readonly content: Uint8Array;
      /** Permission bits. */
      readonly mode: number;
      /** Whose owner, extended attributes and ACL it gets. */
      readonly like: HostPath;
    }
  | { readonly kind: 'link'; readonly target: string };

/** By path in the release. */
export type PlacedEntries = ReadonlyMap<string, PlacedEntry>;
