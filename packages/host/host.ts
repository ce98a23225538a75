/** The machine: its files, units, locks and clock. All access to it goes through this interface. */

import type { Mount } from './files/mount-table.ts';

/** An absolute path as the host itself sees it, wherever it is mounted. */
export type HostPath = `/${string}`;

/** Detects a change of a file between two reads; both texts are only for comparison. */
export interface FileStamp {
  /** Inode, size and mtime: the same until a process writes to the file or sets its times. */
  readonly content: string;
  /** ctime, which cannot be set: differs also when mode, owner or the number of links has changed. */
  readonly change: string;
  /** The same in milliseconds since the epoch: a recent one may stay the same through another change. */
  readonly changedMs: number;
}

export interface FileInfo {
  readonly kind: 'file' | 'directory' | 'link' | 'other';
  /** Permission bits only, such as 0o644. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  readonly modifiedMs: number;
  /** Of a link: its text. */
  readonly target?: string;
  readonly linkCount: number;
  readonly stamp: FileStamp;
}

/** The content that a file must have immediately before it is changed, so that no edit of another program is lost. */
export interface ExpectedFile {
  /** Undefined: there is no file. */
  readonly content: Uint8Array | undefined;
}

export interface RemoveOptions {
  /** Otherwise the file is left as it is, and the call rejects with `KATA_HOST_FILE_CHANGED`. */
  readonly expects?: ExpectedFile;
}

export interface WriteOptions extends RemoveOptions {
  /** Default: those of the file that is replaced, else of `like`, else 0o644 and root. */
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
  /** Whose mode, owner, extended attributes, ACL and label a new file gets. */
  readonly like?: HostPath;
}

/**
 * Paths are resolved inside the host's root: a link of the host that leads out of it is followed within it.
 * Every change is durable when its promise resolves, unless it says otherwise.
 */
export interface HostFiles {
  /** Does not follow a link in the last part of the path. */
  info(path: HostPath): Promise<FileInfo | undefined>;
  /** Undefined when there is no file. */
  read(path: HostPath): Promise<Buffer | undefined>;
  /** Lower-case hexadecimal SHA-256 of the content; undefined when there is no file. */
  digest(path: HostPath): Promise<string | undefined>;
  /** Names, sorted; empty when there is no such directory. */
  list(path: HostPath): Promise<readonly string[]>;
  /** Also creates missing parents. */
  makeDirectory(path: HostPath, mode?: number): Promise<void>;
  /**
   * Atomic: a temporary file next to it, synced, renamed over the path; follows a link in the last part of the path.
   * The new file gets the extended attributes, ACLs and SELinux label of the one that it replaces.
   */
  write(path: HostPath, content: Uint8Array, options?: WriteOptions): Promise<void>;
  /**
   * Writes a new file (never over another) piece by piece, each before the next one is requested. Not durable until
   * `syncTree`, which also reports what could not be written. Resolves with the stamp of the file as it was written.
   */
  writeStream(path: HostPath, content: Iterable<Uint8Array>, mode: number): Promise<FileStamp>;
  /** Creates a symbolic link, or atomically replaces an existing file or link with it. */
  setLink(path: HostPath, target: string): Promise<void>;
  /** Not durable until `syncTree`. */
  hardLink(existing: HostPath, path: HostPath): Promise<void>;
  rename(from: HostPath, to: HostPath): Promise<void>;
  /** Exchanges two paths so that both exist at every instant. */
  exchange(a: HostPath, b: HostPath): Promise<void>;
  /** Removes a file or link, and the temporary files of a killed `write`; nothing happens when they are missing. */
  remove(path: HostPath, options?: RemoveOptions): Promise<void>;
  /** Removes an empty directory; returns false when it is not empty or missing. */
  removeDirectory(path: HostPath): Promise<boolean>;
  /** Removes the directory and everything below. */
  removeTree(path: HostPath): Promise<void>;
  /** Makes all files and directories of a tree durable. */
  syncTree(path: HostPath): Promise<void>;
  /** Bytes free for root on the file system that the path, or its nearest existing parent, is on. */
  freeBytes(path: HostPath): Promise<number>;
}

export interface UnitState {
  /** `active`, `failed`, `inactive`, … */
  readonly active: string;
  /** `running`, `auto-restart`, … */
  readonly subState?: string | undefined;
  /** `loaded`, `masked`, `bad-setting`, …; never `not-found`. */
  readonly loadState?: string | undefined;
  /** `enabled`, `disabled`, `masked-runtime`, … */
  readonly unitFileState?: string | undefined;
  /** Of its current or last start: different for every start and boot; undefined when it was never started. */
  readonly invocationId?: string | undefined;
  /** Of a service; undefined when it has none. */
  readonly mainPid?: number | undefined;
  /**
   * Milliseconds since the epoch of its last start (of a service: of its main process); undefined when it has none.
   * For users only: clocks can be set, so no decision depends on it.
   */
  readonly startedAtMs: number | undefined;
  /** Of a service: what systemd kills at a stop, such as `process` or `control-group`. */
  readonly killMode?: string | undefined;
  /** The command that starts it, as arguments; undefined when unknown. */
  readonly command?: readonly string[] | undefined;
  /** The executed file; the first argument may differ. */
  readonly program?: HostPath | undefined;
  /** `NAME=value`, as set in the unit itself. */
  readonly environment?: readonly string[] | undefined;
  /** Files of further variables, in the order in which they are read; later ones override earlier ones. */
  readonly environmentFiles?: readonly HostPath[] | undefined;
}

/** A program of the machine that systemd runs once for its output. It can only read files. */
export interface ProgramRun {
  /** Name of its unit; a unit of this name from an earlier run is stopped and removed. */
  readonly unit: string;
  readonly description: string;
  readonly program: HostPath;
  readonly arguments: readonly string[];
  /** A new file for its output. */
  readonly output: HostPath;
  readonly timeoutMs: number;
}

/** systemd. Every call has a deadline. */
export interface HostUnits {
  /** Undefined when there is no such unit. */
  state(unit: string): Promise<UnitState | undefined>;
  /** The active ones of the units, in their order, with one call. */
  activeAmong(units: readonly string[]): Promise<readonly string[]>;
  /** Names of all active units that match one of the shell patterns, sorted. */
  activeLike(patterns: readonly string[]): Promise<readonly string[]>;
  /** Resolves when systemd reports the job as done. Starts by other programs do not count towards the start limit. */
  restart(unit: string, timeoutMs: number): Promise<void>;
  /** Makes the unit reload its configuration, for engines that need no restart. */
  reload(unit: string, timeoutMs: number): Promise<void>;
  /** Resolves with its exit code; rejects with `KATA_HOST_UNIT` when it could not be run, or was killed. */
  runProgram(run: ProgramRun): Promise<number>;
}

export interface HostLock {
  /** A second call does nothing; rejects when the lock was lost before. */
  release(): Promise<void>;
}

export interface LockOptions {
  /** Written into the lock file for waiting processes. */
  readonly holder: string;
  readonly timeoutMs: number;
  /** When aborted, the wait ends with `KATA_HOST_LOCK_STOPPED`; a held lock stays. */
  readonly signal?: AbortSignal | undefined;
  /** Called once when another process holds it, with that process's `holder`. */
  readonly onWait?: (holder: string) => void;
}

export interface Host {
  readonly files: HostFiles;
  readonly units: HostUnits;
  /** flock(2), so that it ends with its process. Creates missing parents. */
  lock(path: HostPath, options: LockOptions): Promise<HostLock>;
  now(): Date;
  bootId(): Promise<string>;
  /** Go's name: `amd64`, `arm64`, `s390x`, `ppc64le`. */
  readonly architecture: string;
  /** The path at which this process can connect to a unix socket of the host. */
  socketPath(path: HostPath): string;
  /** The mount of a path of the machine; undefined where nothing of the machine is mounted into our container. */
  mountOf(path: HostPath): Promise<Mount | undefined>;
  /** In a container that sees only parts of the machine: a missing path may just not be mounted. */
  readonly isPartial: boolean;
}
