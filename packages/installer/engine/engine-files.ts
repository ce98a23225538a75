/** Changes the engine's files, which belong to others, too: only over the text that the plan was made from. */
import type { FileEdit } from '@kata/engines';
import { fileChangedCode, fileChangedError, type HostFiles, type HostPath } from '@kata/host';
import { KataError } from '@kata/core';
import { type Action, type FileAction, isEngineEdit } from '../state/actions.ts';

/** What takes just ours out of a file as it is now, or puts it in again; undefined when it says that already. */
export type MergeBack = (path: HostPath) => Promise<Pick<FileEdit, 'before' | 'after'> | undefined>;

const maximumMerges = 5;

export function isFileChanged(error: unknown): error is KataError {
  return error instanceof KataError && error.code === fileChangedCode;
}

export async function replaceText(
  files: HostFiles,
  path: HostPath,
  before: string | undefined,
  after: string | undefined,
): Promise<void> {
  const expects = { content: bytesOf(before) };
  if (after === undefined) await files.remove(path, { expects });
  else await files.write(path, Buffer.from(after), { expects });
}

/** Also when it is not sure whether it was made. Where somebody edited the file since, their edit stays. */
export async function restoreText(files: HostFiles, action: FileAction, mergeBack: MergeBack): Promise<void> {
  const { path, before, after } = action;
  for (let merges = 0; ; merges += 1) {
    const present = (await files.read(path))?.toString('utf8');
    const isKnown = present === before || present === after;
    const edit = isKnown ? { before: present, after: before } : await mergeBack(path);
    if (edit === undefined) return;
    try {
      await replaceText(files, path, edit.before, edit.after);
      return;
    } catch (error) {
      if (!isFileChanged(error) || merges >= maximumMerges) throw error;
    }
  }
}

type Texts = ReadonlyMap<HostPath, string>;

/** @throws KataError `KATA_HOST_FILE_CHANGED` when a file that the engine reads is neither as it was nor as it was edited. */
export function refuseChanged(before: Texts, done: readonly Action[], now: Texts): void {
  const expected = new Map<HostPath, string | undefined>(before);
  for (const { path, after } of done.filter(isEngineEdit)) expected.set(path, after);
  for (const path of new Set([...expected.keys(), ...now.keys()])) {
    // One that is read no longer may be there as it was.
    if (now.has(path) && now.get(path) !== expected.get(path)) throw fileChangedError(path);
  }
}

function bytesOf(text: string | undefined): Buffer | undefined {
  return text === undefined ? undefined : Buffer.from(text);
}
