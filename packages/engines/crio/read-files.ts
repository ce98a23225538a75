/** Reads all files that CRI-O reads at its start: the main file, then every file below the directory of drop-ins. */
import { posix } from 'node:path';
import { KataError } from '@kata/core';
import type { HostFiles, HostPath } from '@kata/host';
import { TomlDocument, type TomlTable } from '@kata/toml';
import { readText } from '../toml/read-text.ts';

export interface CrioFile {
  readonly path: HostPath;
  readonly text: string;
  /** Empty where the text cannot be parsed. */
  readonly value: TomlTable;
}

/** With it CRI-O does not start. */
export interface CrioProblem {
  readonly file: HostPath;
  readonly message: string;
}

export interface CrioConfig {
  /** In the order in which CRI-O reads them: later values override. */
  readonly files: readonly CrioFile[];
  readonly problems: readonly CrioProblem[];
}

type Files = Pick<HostFiles, 'info' | 'list' | 'read'>;

export async function readFiles(files: Files, main: HostPath, dropIns: HostPath): Promise<CrioConfig> {
  const read: CrioConfig[] = [];
  for (const path of [main, ...(await listDropIns(files, dropIns))]) {
    const content = await readText(files, path);
    if (content.kind === 'text') read.push(parseFile(path, content.text));
    if (content.kind === 'unreadable')
      read.push({ files: [], problems: [{ file: path, message: content.reason }] });
    // A link to nothing.
    if (content.kind === 'absent' && path !== main)
      read.push({ files: [], problems: [{ file: path, message: `${path} leads to no file` }] });
  }
  return join(read);
}

export function parseFile(path: HostPath, text: string): CrioConfig {
  try {
    return { files: [{ path, text, value: TomlDocument.parse(text, path).value }], problems: [] };
  } catch (error) {
    if (!(error instanceof KataError)) throw error;
    return { files: [{ path, text, value: {} }], problems: [{ file: path, message: error.message }] };
  }
}

export function join(configs: readonly CrioConfig[]): CrioConfig {
  return {
    files: configs.flatMap((each) => each.files),
    problems: configs.flatMap((each) => each.problems),
  };
}

/** As Go's `filepath.Walk`: any name, by directory, and links to directories are not followed. */
async function listDropIns(files: Files, directory: HostPath): Promise<readonly HostPath[]> {
  const found: HostPath[] = [];
  for (const name of await files.list(directory)) {
    const path: HostPath = posix.join(directory, name) as HostPath;
    const isDirectory = (await files.info(path))?.kind === 'directory';
    found.push(...(isDirectory ? await listDropIns(files, path) : [path]));
  }
  return found;
}

/** The place of a new drop-in among them. */
export function compareDropIns(a: HostPath, b: HostPath): number {
  const [left, right] = [a.split('/'), b.split('/')];
  const place = left.findIndex((part, i) => part !== right[i]);
  return (left[place] ?? '') < (right[place] ?? '') ? -1 : 1;
}
