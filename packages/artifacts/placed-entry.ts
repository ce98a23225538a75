/** Foreign or retained files of a release, to be placed into the next one. */
import type { HostPath } from '@kata/host';

export type PlacedEntry =
  | {
      readonly kind: 'file';
      readonly content: Uint8Array;
      /** Permission bits. */
      readonly mode: number;
      /** File whose owner, extended attributes and ACL it gets. */
      readonly like: HostPath;
    }
  | { readonly kind: 'link'; readonly target: string };

/** By path in the release. */
export type PlacedEntries = ReadonlyMap<string, PlacedEntry>;
