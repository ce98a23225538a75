/** Reads the files that settings name. */
import { KataError } from '@kata/core';
import { type Shim, wrongTypes } from '@kata/kata';
import type { Problems } from './problems.ts';

/** Returns a file's text, undefined when there is none; throws when it cannot be read. */
export type ReadFile = (path: string) => Promise<string | undefined>;

export interface FileSource {
  readonly readFile: ReadFile;
  readonly problems: Problems;
}

/** Undefined for a file that cannot be read, which becomes a problem, and for one that is not there. */
export async function readText(
  path: string,
  { readFile, problems }: FileSource,
  /** Says that there must be such a file. */
  missing?: string,
): Promise<string | undefined> {
  try {
    const text = await readFile(path);
    if (text === undefined && missing !== undefined) problems.add(missing, 'name a file that is there');
    return text;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    problems.add(`${path} cannot be read: ${why}`, 'let this program read it');
    return undefined;
  }
}

/** Like `readText`; a text that is not valid TOML becomes a problem, too. */
export async function readToml(
  path: string,
  source: FileSource,
  missing?: string,
): Promise<string | undefined> {
  const text = await readText(path, source, missing);
  if (text === undefined) return undefined;
  // Only here: most runs have no such file.
  const { TomlDocument } = await import('@kata/toml');
  try {
    return TomlDocument.parse(text, path).text;
  } catch (error) {
    if (!(error instanceof KataError)) throw error;
    const why = error.cause instanceof Error ? `: ${error.cause.message}` : '';
    source.problems.add(`${error.message}${why}`, 'correct the TOML');
    return undefined;
  }
}

/** Like `readToml`; a value that no runtime of this language takes becomes a problem, too. */
export async function readKataDropIn(
  path: string,
  language: Shim['language'],
  source: FileSource,
): Promise<string | undefined> {
  const text = await readToml(path, source);
  for (const problem of text === undefined ? [] : wrongTypes(language, text)) {
    source.problems.add(`${path}: ${problem}, or Kata starts no pod`, 'correct the value');
  }
  return text;
}
