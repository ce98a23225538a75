/** The machine that is worked on: its files, services, lock and clock. Everything that touches it goes through here. */

import type { Mount } from './files/mount-table.ts';

/** An absolute path as the host itself sees it, whatever it is mounted at. */
export type HostPath = `/${string}`;

/** Tells whether a file was changed between two looks at it; both texts mean something only when compared. */
export interface FileStamp {
  /** Inode, size and mtime: the same while nobody writes to the file, unless somebody sets its times. */
  readonly content: string;
  /** ctime, which nobody can set: another one also when mode, owner or the number of links changed. */
  readonly change: string;
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

/** What a file has to be at the last moment before it is changed, so that no edit of somebody else is lost. */
export interface ExpectedFile {
  /** Undefined: there is no file. */
  readonly content: Uint8Array | undefined;
}

export interface RemoveOptions {
  /** Otherwise it is left as it is, and `KATA_HOST_FILE_CHANGED` says so. */
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
  /** Does not follow a link in the last place. */
  info(path: HostPath): Promise<FileInfo | undefined>;
  /** Undefined when there is no file. */
  read(path: HostPath): Promise<Buffer | undefined>;
  /** Lower-case hexadecimal SHA-256 of the content; undefined when there is no file. */
  digest(path: HostPath): Promise<string | undefined>;
  /** Names, sorted; empty when there is no such directory. */
  list(path: HostPath): Promise<readonly string[]>;
  /** Makes missing parents, too. */
  makeDirectory(path: HostPath, mode?: number): Promise<void>;
  /**
   * Whole or not at all: a temporary file beside, synced, renamed over the path; a link in the last place is followed.
   * What is replaced hands on its extended attributes, ACLs and SELinux label.
   */
  write(path: HostPath, content: Uint8Array, options?: WriteOptions): Promise<void>;
  /**
   * Writes a new file (never over another) piece by piece, each before the next one is asked for. Not durable until
   * `syncTree`, which also says what could not be written.
   */
  writeStream(path: HostPath, content: Iterable<Uint8Array>, mode: number): Promise<void>;
  /** Sets a symbolic link, replacing what is there, atomically. */
  setLink(path: HostPath, target: string): Promise<void>;
  /** Not durable until `syncTree`. */
  hardLink(existing: HostPath, path: HostPath): Promise<void>;
  rename(from: HostPath, to: HostPath): Promise<void>;
  /** Exchanges two paths so that both exist at every instant. */
  exchange(a: HostPath, b: HostPath): Promise<void>;
  /** Removes a file or link, and what a killed `write` left of it; nothing happens when they are not there. */
  remove(path: HostPath, options?: RemoveOptions): Promise<void>;
  /** Removes an empty directory; returns false when it is not empty or not there. */
  removeDirectory(path: HostPath): Promise<boolean>;
  /** Removes all below and the directory itself. */
  removeTree(path: HostPath): Promise<void>;
  /** Makes all files and directories below durable. */
  syncTree(path: HostPath): Promise<void>;
  /** Bytes free for root on the file system that the path, or its nearest existing parent, is on. */
  freeBytes(path: HostPath): Promise<number>;
}

export interface UnitState {
  /** `active`, `failed`, `inactive`, … */
  readonly active: string;
  /** More exactly: `running`, `auto-restart`, … */
  readonly subState?: string | undefined;
  /** `loaded`, `masked`, `bad-setting`, …; never `not-found`. */
  readonly loadState?: string | undefined;
  /** `enabled`, `disabled`, `masked-runtime`, … */
  readonly unitFileState?: string | undefined;
  /** Of its present or last start: another one for every start, in every boot; undefined when it was never started. */
  readonly invocationId?: string | undefined;
  /** Of a service; undefined when it has none. */
  readonly mainPid?: number | undefined;
  /**
   * Milliseconds since the epoch of its last start (of a service: of its main process); undefined when it has none.
   * For a person only: clocks are set, so nothing is decided by it.
   */
  readonly startedAtMs: number | undefined;
  /** What starts it, as arguments; undefined when it is not known. */
  readonly command?: readonly string[] | undefined;
  /** The file that is executed for that; the first argument may be another. */
  readonly program?: HostPath | undefined;
  /** `NAME=value`, as the unit itself sets them. */
  readonly environment?: readonly string[] | undefined;
  /** Files of further variables, in the order in which they are read; each counts more than what was before it. */
  readonly environmentFiles?: readonly HostPath[] | undefined;
}

/** A program of the machine that systemd runs once, for what it answers. It can read files, and nothing else. */
export interface ProgramRun {
  /** Of its unit; what an earlier run left under this name is stopped and removed. */
  readonly unit: string;
  readonly description: string;
  readonly program: HostPath;
  readonly arguments: readonly string[];
  /** A file that is not there yet, for all that it prints. */
  readonly output: HostPath;
  readonly timeoutMs: number;
}

/** systemd. Every call has a deadline. */
export interface HostUnits {
  /** Undefined when there is no such unit. */
  state(unit: string): Promise<UnitState | undefined>;
  /** Those of them that are active, in their order; all in one question. */
  activeAmong(units: readonly string[]): Promise<readonly string[]>;
  /** Names of all active units that match one of the patterns of a shell, sorted. */
  activeLike(patterns: readonly string[]): Promise<readonly string[]>;
  /** Resolves when systemd reports the job done. Starts of others do not count against its limit on starts in a row. */
  restart(unit: string, timeoutMs: number): Promise<void>;
  /** Has the unit read its configuration again, for engines that need no restart for that. */
  reload(unit: string, timeoutMs: number): Promise<void>;
  /** Resolves with its exit code; rejects with `KATA_HOST_UNIT` where it could not be run, or was ended. */
  runProgram(run: ProgramRun): Promise<number>;
}

export interface HostLock {
  /** A second time it does nothing; rejects when the lock was lost before. */
  release(): Promise<void>;
}

export interface LockOptions {
  /** Written into the lock file for those who wait. */
  readonly holder: string;
  readonly timeoutMs: number;
  /** When aborted, the wait ends with `KATA_HOST_LOCK_STOPPED`; a lock that is held stays. */
  readonly signal?: AbortSignal | undefined;
  /** Called once when somebody else holds it, with what they wrote. */
  readonly onWait?: (holder: string) => void;
}

export interface Host {
  readonly files: HostFiles;
  readonly units: HostUnits;
  /** flock(2), so that it ends with its process. Makes missing parents. */
  lock(path: HostPath, options: LockOptions): Promise<HostLock>;
  now(): Date;
  bootId(): Promise<string>;
  /** Go's name: `amd64`, `arm64`, `s390x`, `ppc64le`. */
  readonly architecture: string;
  /** Where a unix socket of the host can be connected to by this process. */
  socketPath(path: HostPath): string;
  /** What a path of the machine is on; undefined where nothing of the machine is mounted into our container. */
  mountOf(path: HostPath): Promise<Mount | undefined>;
  /** In a container that sees only parts of the machine: what is not there may only not be mounted. */
  readonly isPartial: boolean;
}
