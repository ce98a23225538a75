/** The payload of an installer image: component archives, and a manifest of all their files. */

export interface FileEntry {
  readonly kind: 'file';
  /** Relative to the installation, such as `bin/qemu-system-x86_64`. */
  readonly path: string;
  /** Permission bits as installed: no setuid, not writable by others. */
  readonly mode: number;
  readonly size: number;
  readonly sha256: string;
}

export interface LinkEntry {
  readonly kind: 'link';
  readonly path: string;
  /** Relative to the link, and inside the release. */
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
   * SHA-256 of the concatenated binary SHA-256 digests of its mebibytes, which can be computed in parallel.
   */
  readonly archivePiecesSha256: string;
  /** Sorted by path. */
  readonly entries: readonly PayloadEntry[];
}

/** The file `payload.json`, next to the directory `tarballs` with the archives. */
export interface PayloadManifest {
  readonly schema: 1;
  /** Kata's version, such as `3.24.0`. */
  readonly version: string;
  /** Go's name. */
  readonly architecture: string;
  /** Sorted by name. */
  readonly components: readonly PayloadComponent[];
  /**
   * Digest of the output of each shim for `-info`, by the path of its binary. A missing one is unknown: the shim could
   * not be run when the payload was packed.
   */
  readonly shimInfo?: Readonly<Record<string, string>> | undefined;
}

export const payloadFile = 'payload.json';
export const tarballsFolder = 'tarballs';

export function archiveName(component: string): string {
  return `kata-static-${component}.tar.zst`;
}
