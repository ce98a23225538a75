/** Reads the files that settings name. */
import { KataError } from '@kata/core';
import { type Shim, wrongTypes } from '@kata/kata';
import type { Problems } from './problems.ts';

/** Returns the text of a file, undefined when it does not exist; throws when it cannot be read. */
export type ReadFile = (path: string) => Promise<string | undefined>;

export interface FileSource {
  readonly readFile: ReadFile;
  readonly problems: Problems;
}

/** Undefined for a file that does not exist, or cannot be read, which becomes a problem. */
export async function readText(
  path: string,
  { readFile, problems }: FileSource,
  /** The problem when the file does not exist; left out: it need not exist. */
  missing?: string,
): Promise<string | undefined> {
  try {
    const text = await readFile(path);
    if (text === undefined && missing !== undefined) problems.add(missing, 'name an existing file');
    return text;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    problems.add(`${path} cannot be read: ${why}`, 'make it readable for this program');
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
  // Loaded only here, because most runs have no such file.
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

/** Like `readToml`; a value that no Kata runtime of this language accepts becomes a problem, too. */
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
