/** Changes the engine's files, which other programs edit, too: only while they have the text that the plan was made from. */
import type { FileEdit } from '@kata/engines';
import { fileChangedCode, fileChangedError, type HostFiles, type HostPath } from '@kata/host';
import { KataError } from '@kata/core';
import { type Action, type FileAction, isEngineEdit } from '../state/actions.ts';

/** Plans how to restore just our part of a file in its present text; undefined when nothing is left to do. */
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

/** Rolls an edit back, also one that may not have been made. An edit that another program made since stays. */
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

/** @throws KataError `KATA_HOST_FILE_CHANGED` when a file that the engine reads has neither its earlier text nor our edit. */
export function refuseChanged(before: Texts, done: readonly Action[], now: Texts): void {
  const expected = new Map<HostPath, string | undefined>(before);
  for (const { path, after } of done.filter(isEngineEdit)) expected.set(path, after);
  for (const path of new Set([...expected.keys(), ...now.keys()])) {
    // A file that the engine no longer reads may still exist.
    if (now.has(path) && now.get(path) !== expected.get(path)) throw fileChangedError(path);
  }
}

function bytesOf(text: string | undefined): Buffer | undefined {
  return text === undefined ? undefined : Buffer.from(text);
}
