/** The files of a machine whose root is mounted in our own file system. */
import { lstatSync, readlinkSync, type BigIntStats } from 'node:fs';
import {
  link,
  lstat,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  rmdir,
  statfs,
  unlink,
} from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { exitCodes, KataError } from '@kata/core';
import { fileChangedError, isAsExpected } from '../files/changed-error.ts';
import { fileError, isSystemError, systemError } from '../files/file-error.ts';
import { type LastLink, resolveLinks } from '../files/resolve-links.ts';
import type {
  ExpectedFile,
  FileInfo,
  FileStamp,
  HostFiles,
  HostPath,
  RemoveOptions,
  WriteOptions,
} from '../host.ts';
import { unlessAbsent } from './absent.ts';
import { EarlySync } from './early-sync.ts';
import { makeDirectories } from './make-directories.ts';
import { removeLeftOvers, replaceFile, replaceLink, syncDirectory } from './replace-file.ts';
import { runHelper } from './run-helper.ts';
import { digestFile, streamToFile } from './stream-file.ts';
import { syncTree } from './sync-tree.ts';

export interface LinuxFilesOptions {
  /** Where the host's root, or the needed parts of it, are mounted: `/host`, or `/`. */
  readonly root: string;
  /** Path of kata-helper; without it `exchange` fails, attributes are not copied, and trees are synced file by file. */
  readonly helper?: string;
}

const exchangeTimeoutMs = 30_000;
const attributesTimeoutMs = 30_000;
/** Engines may execute files in them under SELinux, below any prefix. */
const programFolders: readonly string[] = ['bin', 'libexec'];
/** A sync also writes everything that other programs wrote to this file system. */
const syncTimeoutMs = 10 * 60_000;
/** Smaller ones are not worth an open descriptor. */
const syncEarlyBytes = 4 * 2 ** 20;

export class LinuxFiles implements HostFiles {
  readonly #root: string;
  readonly #helper: string | undefined;
  readonly #earlySync = new EarlySync();

  constructor(options: LinuxFilesOptions) {
    this.#root = options.root;
    this.#helper = options.helper;
  }

  /** The path as this process sees it, without links. */
  locate(path: HostPath, last: LastLink = 'follow'): string {
    const resolved = resolveLinks(path, last, (candidate) => linkTarget(join(this.#root, candidate)));
    return join(this.#root, resolved);
  }

  async info(path: HostPath): Promise<FileInfo | undefined> {
    return await this.#at('stat', path, 'keep', async (place) => {
      const info = await unlessAbsent(lstat(place, { bigint: true }));
      if (info === undefined) return undefined;
      const target = info.isSymbolicLink() ? { target: await readlink(place) } : {};
      return { ...fileInfo(info), ...target };
    });
  }

  async read(path: HostPath): Promise<Buffer | undefined> {
    return await this.#at('read', path, 'follow', async (place) => await unlessAbsent(readFile(place)));
  }

  async digest(path: HostPath): Promise<string | undefined> {
    return await this.#at('read', path, 'follow', digestFile);
  }

  async list(path: HostPath): Promise<readonly string[]> {
    return await this.#at('list', path, 'follow', async (place) => {
      return ((await unlessAbsent(readdir(place))) ?? []).toSorted();
    });
  }

  async makeDirectory(path: HostPath, mode = 0o755): Promise<void> {
    await this.#at('create the directory', path, 'follow', async (place) => {
      for (const made of await makeDirectories(place, mode)) {
        if (programFolders.includes(basename(made))) await this.#labelPrograms(made);
      }
    });
  }

  async write(path: HostPath, content: Uint8Array, options: WriteOptions = {}): Promise<void> {
    await this.#at('write', path, 'follow', async (place) => {
      const { like, expects, ...owner } = options;
      const model = like === undefined ? undefined : this.locate(like);
      const check = async (): Promise<void> => await checkExpected(path, place, expects);
      await replaceFile(place, content, { ...owner, like: model, check }, async (from, temporary) => {
        await this.#copyAttributes(from, temporary);
      });
    });
  }

  async writeStream(path: HostPath, content: Iterable<Uint8Array>, mode: number): Promise<FileStamp> {
    return await this.#at('write', path, 'keep', async (place) => {
      const { handle, size, info } = await streamToFile(place, content, mode);
      if (size >= syncEarlyBytes) this.#earlySync.add(handle);
      else await handle.close();
      return stampOf(info);
    });
  }

  async setLink(path: HostPath, target: string): Promise<void> {
    await this.#at('create the link', path, 'keep', async (place) => {
      await replaceLink(place, target);
    });
  }

  async hardLink(existing: HostPath, path: HostPath): Promise<void> {
    await this.#at(`link ${existing} to`, path, 'keep', async (place) => {
      await link(this.locate(existing, 'keep'), place);
    });
  }

  async rename(from: HostPath, to: HostPath): Promise<void> {
    await this.#at(`rename ${from} to`, to, 'keep', async (target) => {
      const source = this.locate(from, 'keep');
      await rename(source, target);
      await syncParents(source, target);
    });
  }

  async exchange(a: HostPath, b: HostPath): Promise<void> {
    await this.#at(`exchange ${a} and`, b, 'keep', async (second) => {
      const helper = this.#helper;
      if (helper === undefined) throw missingHelper();
      const first = this.locate(a, 'keep');
      await runHelper({ helper, command: 'exchange', args: [first, second], timeoutMs: exchangeTimeoutMs });
      await syncParents(first, second);
    });
  }

  async remove(path: HostPath, { expects }: RemoveOptions = {}): Promise<void> {
    await this.#at('remove', path, 'keep', async (place) => {
      const hadLeftOvers = (await unlessAbsent(removeLeftOvers(place))) ?? false;
      await checkExpected(path, this.locate(path), expects);
      if ((await unlessAbsent(lstat(place))) !== undefined) await unlessAbsent(unlink(place));
      else if (!hadLeftOvers) return;
      await syncDirectory(dirname(place));
    });
  }

  async removeDirectory(path: HostPath): Promise<boolean> {
    return await this.#at('remove the directory', path, 'keep', async (place) => {
      try {
        await rmdir(place);
      } catch (error) {
        if (isSystemError(error) && ['ENOENT', 'ENOTEMPTY', 'EEXIST'].includes(error.code)) return false;
        throw error;
      }
      await syncDirectory(dirname(place));
      return true;
    });
  }

  async removeTree(path: HostPath): Promise<void> {
    await this.#at('remove', path, 'keep', async (place) => {
      if (place === join(this.#root, '/')) throw systemError('EBUSY', 'rm', path);
      if ((await unlessAbsent(lstat(place))) === undefined) return;
      await rm(place, { recursive: true, force: true });
      await syncDirectory(dirname(place));
    });
  }

  async syncTree(path: HostPath): Promise<void> {
    await this.#at('sync', path, 'follow', async (place) => {
      const helper = this.#helper;
      await this.#earlySync.settle();
      if (helper === undefined) await syncTree(place);
      else await runHelper({ helper, command: 'sync', args: [place], timeoutMs: syncTimeoutMs });
    });
  }

  async freeBytes(path: HostPath): Promise<number> {
    return await this.#at('get the free space at', path, 'follow', async (place) => {
      for (let current = place; ; current = dirname(current)) {
        const space = await unlessAbsent(statfs(current));
        if (space !== undefined) return space.bfree * space.bsize;
      }
    });
  }

  /** New files in it inherit its type. */
  async #labelPrograms(folder: string): Promise<void> {
    const helper = this.#helper;
    if (helper === undefined) return;
    await runHelper({
      helper,
      command: 'label-programs',
      args: [folder],
      timeoutMs: attributesTimeoutMs,
    });
  }

  async #copyAttributes(from: string, to: string): Promise<void> {
    const helper = this.#helper;
    if (helper === undefined) return;
    const args = [from, to];
    await runHelper({ helper, command: 'copy-attributes', args, timeoutMs: attributesTimeoutMs });
  }

  async #at<T>(
    operation: string,
    path: HostPath,
    last: LastLink,
    action: (place: string) => Promise<T>,
  ): Promise<T> {
    try {
      return await action(this.locate(path, last));
    } catch (error) {
      throw fileError(operation, path, error);
    }
  }
}

/** Undefined when there is no link. */
function linkTarget(place: string): string | undefined {
  try {
    const info = lstatSync(place, { throwIfNoEntry: false });
    return info?.isSymbolicLink() === true ? readlinkSync(place) : undefined;
  } catch (error) {
    if (isSystemError(error) && error.code === 'ENOTDIR') return undefined;
    throw error;
  }
}

function fileInfo(info: BigIntStats): FileInfo {
  return {
    kind: info.isFile()
      ? 'file'
      : info.isDirectory()
        ? 'directory'
        : info.isSymbolicLink()
          ? 'link'
          : 'other',
    mode: Number(info.mode) & 0o7777,
    uid: Number(info.uid),
    gid: Number(info.gid),
    size: Number(info.size),
    modifiedMs: Number(info.mtimeNs) / 1e6,
    linkCount: Number(info.nlink),
    stamp: stampOf(info),
  };
}

function stampOf({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): FileStamp {
  return {
    content: `${dev}:${ino}:${size}:${mtimeNs}`,
    change: String(ctimeNs),
    changedMs: Number(ctimeNs / 1_000_000n),
  };
}

/** The change itself is one system call, which cannot be made conditional, so it follows immediately. */
async function checkExpected(
  path: HostPath,
  place: string,
  expects: ExpectedFile | undefined,
): Promise<void> {
  if (expects !== undefined && !isAsExpected(expects, await unlessAbsent(readFile(place)))) {
    throw fileChangedError(path);
  }
}

async function syncParents(a: string, b: string): Promise<void> {
  await syncDirectory(dirname(a));
  if (dirname(b) !== dirname(a)) await syncDirectory(dirname(b));
}

function missingHelper(): KataError {
  return new KataError('KATA_HOST_HELPER', 'cannot exchange paths without kata-helper', {
    exitCode: exitCodes.precondition,
    hint: 'build kata-helper (packages/host/helper) and pass its path',
  });
}
