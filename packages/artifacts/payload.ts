/** What an installer image carries: component archives and a manifest that knows every file in them. */

export type PayloadEntry =
  | {
      readonly kind: 'file';
      /** Relative to the installation, such as `bin/qemu-system-x86_64`. */
      readonly path: string;
      readonly mode: number;
      readonly size: number;
      readonly sha256: string;
    }
  | { readonly kind: 'link'; readonly path: string; readonly target: string }
  | { readonly kind: 'directory'; readonly path: string; readonly mode: number };

export interface PayloadComponent {
  /** Such as `shim-v2-go`. */
  readonly name: string;
  /** File name of the archive, `kata-static-<name>.tar.zst`. */
  readonly archive: string;
  readonly archiveSize: number;
  readonly archiveSha256: string;
  readonly entries: readonly PayloadEntry[];
}

/** The file `payload.json` beside the archives. */
export interface PayloadManifest {
  readonly schema: 1;
  /** Kata's version, such as `3.24.0`. */
  readonly version: string;
  /** Go's name. */
  readonly architecture: string;
  readonly components: readonly PayloadComponent[];
  /** What the shim answers to `-info`, as a digest; undefined where it was not asked when the payload was packed. */
  readonly shimInfoSha256?: string;
}
