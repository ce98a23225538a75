/** What an installer image carries: component archives and a manifest that knows every file in them. */

export interface FileEntry {
  readonly kind: 'file';
  /** Relative to the installation, such as `bin/qemu-system-x86_64`. */
  readonly path: string;
  /** Permission bits as they are installed: no setuid, nothing that others may write. */
  readonly mode: number;
  readonly size: number;
  readonly sha256: string;
}

export interface LinkEntry {
  readonly kind: 'link';
  readonly path: string;
  /** Relative to the link, and never out of the release. */
  readonly target: string;
}

export interface DirectoryEntry {
  readonly kind: 'directory';
  readonly path: string;
  readonly mode: number;
}

export type PayloadEntry = FileEntry | LinkEntry | DirectoryEntry;

export interface PayloadComponent {
  /** Such as `shim-v2-go`. */
  readonly name: string;
  /** File name of the archive, `kata-static-<name>.tar.zst`. */
  readonly archive: string;
  readonly archiveSize: number;
  /**
   * SHA-256 of the SHA-256 digests, in binary and in a row, of its mebibytes: they can be digested beside each other and
   * beside the rest of the work.
   */
  readonly archivePiecesSha256: string;
  /** Sorted by path. */
  readonly entries: readonly PayloadEntry[];
}

/** The file `payload.json`, which stands beside the folder `tarballs` with the archives. */
export interface PayloadManifest {
  readonly schema: 1;
  /** Kata's version, such as `3.24.0`. */
  readonly version: string;
  /** Go's name. */
  readonly architecture: string;
  /** Sorted by name. */
  readonly components: readonly PayloadComponent[];
  /**
   * Digest of what each shim answers to `-info`, by the path of its binary. One that is not there was not asked when
   * the payload was packed.
   */
  readonly shimInfo?: Readonly<Record<string, string>> | undefined;
}

export const payloadFile = 'payload.json';
export const tarballsFolder = 'tarballs';

export function archiveName(component: string): string {
  return `kata-static-${component}.tar.zst`;
}
