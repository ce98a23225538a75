/** Replaces files and links atomically and durably: written elsewhere, synced, renamed over the path. */
import { randomBytes } from 'node:crypto';
import type { Stats } from 'node:fs';
import { lstat, open, readdir, readFile, readlink, rename, rm, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isSystemError, systemError } from '../files/file-error.ts';
import { changedDirectories, temporaryDirectory, temporaryPrefix } from '../files/temporary-place.ts';
import type { WriteOptions } from '../host.ts';
import { unlessAbsent } from './absent.ts';

type OwnerOptions = Omit<WriteOptions, 'like' | 'expects'>;
type Owner = Required<OwnerOptions>;

interface ReplaceOptions extends OwnerOptions {
  readonly like: string | undefined;
  /** Called immediately before the file is replaced; when it throws, the file is left as it is. */
  readonly check: () => Promise<void>;
}

/** Copies the extended attributes of the replaced file to the new one. */
type CopyAttributes = (from: string, temporary: string) => Promise<void>;

/** The path has no links. A file that already has this content, mode and owner is not written. */
export async function replaceFile(
  path: string,
  content: Uint8Array,
  options: ReplaceOptions,
  copyAttributes: CopyAttributes,
): Promise<void> {
  const existing = await unlessAbsent(lstat(path));
  // A device, such as the target of a link to /dev/null, must not be replaced.
  if (existing?.isDirectory() === true) throw systemError('EISDIR', 'rename', path);
  if (existing?.isFile() === false) throw systemError('EINVAL', 'rename', path);
  const from = existing !== undefined || options.like === undefined ? path : options.like;
  const model = existing ?? (from === path ? undefined : await unlessAbsent(lstat(from)));
  const owner = ownerOf(model, options);
  if (existing !== undefined && (await isSame(path, existing, content, owner))) {
    // A run that was killed between rename and fsync left it like this.
    await syncFile(path);
  } else {
    await replaceBy(path, async (temporary) => {
      await writeDurably(temporary, content, owner, async () => {
        if (model !== undefined) await copyAttributes(from, temporary);
      });
      await options.check();
    });
  }
  for (const directory of changedDirectories(path)) await syncDirectory(directory);
}

/** Only the last part of the path may be a link. */
export async function replaceLink(path: string, target: string): Promise<void> {
  if ((await currentTarget(path)) !== target) {
    await replaceBy(path, async (temporary) => {
      await symlink(target, temporary);
    });
  }
  for (const directory of changedDirectories(path)) await syncDirectory(directory);
}

export async function syncDirectory(path: string): Promise<void> {
  try {
    await syncFile(path);
  } catch (error) {
    // Some file systems cannot sync a directory and return this error.
    if (!isSystemError(error) || error.code !== 'EINVAL') throw error;
  }
}

export async function syncFile(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function ownerOf(existing: Stats | undefined, options: OwnerOptions): Owner {
  return {
    mode: options.mode ?? (existing === undefined ? 0o644 : existing.mode & 0o7777),
    uid: options.uid ?? existing?.uid ?? process.geteuid?.() ?? 0,
    gid: options.gid ?? existing?.gid ?? process.getegid?.() ?? 0,
  };
}

async function isSame(path: string, existing: Stats, content: Uint8Array, owner: Owner): Promise<boolean> {
  return (
    existing.size === content.byteLength &&
    (existing.mode & 0o7777) === owner.mode &&
    existing.uid === owner.uid &&
    existing.gid === owner.gid &&
    (await readFile(path)).equals(content)
  );
}

async function currentTarget(path: string): Promise<string | undefined> {
  try {
    return await unlessAbsent(readlink(path));
  } catch (error) {
    // Not a link.
    if (isSystemError(error) && error.code === 'EINVAL') return undefined;
    throw error;
  }
}

async function replaceBy(path: string, make: (temporary: string) => Promise<void>): Promise<void> {
  await removeLeftOvers(path);
  const name = `${temporaryPrefix(path)}${randomBytes(6).toString('hex')}`;
  try {
    await renameOver(path, join(temporaryDirectory(path), name), make);
  } catch (error) {
    // When `config.d` is a separate mount, the only possible place is next to the file.
    if (!isSystemError(error) || error.code !== 'EXDEV') throw error;
    await renameOver(path, join(dirname(path), name), make);
  }
}

async function renameOver(
  path: string,
  temporary: string,
  make: (temporary: string) => Promise<void>,
): Promise<void> {
  try {
    await make(temporary);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
}

/** Removes temporary files that killed runs left for the path; returns whether there were any. */
export async function removeLeftOvers(path: string): Promise<boolean> {
  const prefix = temporaryPrefix(path);
  let found = false;
  for (const directory of changedDirectories(path)) {
    const names = (await readdir(directory)).filter(
      (name) => name.startsWith(prefix) && /^[0-9a-f]{12}$/.test(name.slice(prefix.length)),
    );
    for (const name of names) await rm(join(directory, name), { force: true });
    found ||= names.length > 0;
  }
  return found;
}

async function writeDurably(
  path: string,
  content: Uint8Array,
  owner: Owner,
  prepare: () => Promise<void>,
): Promise<void> {
  const handle = await open(path, 'wx', 0o600);
  try {
    await handle.writeFile(content);
    const made = await handle.stat();
    // In this order: a change of owner clears the set-user-id bits, and the mode sets the mask of an ACL.
    if (made.uid !== owner.uid || made.gid !== owner.gid) await handle.chown(owner.uid, owner.gid);
    await prepare();
    await handle.chmod(owner.mode);
    await handle.sync();
  } finally {
    await handle.close();
  }
}
