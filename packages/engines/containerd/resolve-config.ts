/** Finds all files of containerd's configuration, in the order and by the rules of its own loader. Pure. */
import type { HostPath } from '@kata/host';
import { describeError, KataError } from '@kata/core';
import { isArray, TomlDocument, type TomlTable } from '@kata/toml';
import { posix } from 'node:path';
import { cleanPath } from './go-glob.ts';
import { type Loader, loaderOf } from './loaders.ts';
import { isPattern, type Snapshot, type Wanted } from './snapshot.ts';

export interface ConfigFile {
  readonly path: HostPath;
  readonly text: string;
  /** The version in the file; undefined when it has none, which containerd reads as 1. */
  readonly schema: number | undefined;
  readonly value: TomlTable;
  /** Absolute paths and patterns. */
  readonly imports: readonly HostPath[];
}

/** Why containerd would not start, or why we cannot determine what it reads. */
export interface ConfigProblem {
  readonly code: `KATA_ENGINE_${string}`;
  readonly file: HostPath;
  readonly message: string;
  readonly hint: string;
  /** The missing file of an import. */
  readonly missing?: HostPath;
}

export interface LoadedConfig {
  readonly loader: Loader;
  readonly mainPath: HostPath;
  /** In the order in which they are merged, the main file first. Empty: containerd uses its defaults. */
  readonly files: readonly ConfigFile[];
  readonly problems: readonly ConfigProblem[];
  /** Imported files and patterns that are not mounted into this container, with the file that imports them. */
  readonly hidden: readonly { readonly path: HostPath; readonly importedBy: HostPath }[];
}

export interface Resolution {
  readonly config: LoadedConfig;
  /** What must still be read into the snapshot. */
  readonly unread: Wanted;
}

/**
 * Breadth first; each file once; a literal import of a missing file is an error that stops the daemon. `known`: parsed
 * files, reused when their text is the same.
 */
export function resolveConfig(
  snapshot: Snapshot,
  version: string,
  mainPath: HostPath,
  known: readonly ConfigFile[] = [],
): Resolution {
  const loader = loaderOf(version);
  const loaded = new Set<HostPath>();
  const files: ConfigFile[] = [];
  const problems: ConfigProblem[] = [];
  const hidden: { path: HostPath; importedBy: HostPath }[] = [];
  const unread = { files: [] as HostPath[], patterns: [] as HostPath[] };
  const pending: { path: HostPath; importedBy?: HostPath }[] = [{ path: mainPath }];
  for (let next = pending.shift(); next !== undefined; next = pending.shift()) {
    const { path, importedBy } = next;
    if (loaded.has(path)) continue;
    loaded.add(path);
    const content = snapshot.contents.get(path);
    if (content === undefined) unread.files.push(path);
    else if (content.kind === 'unreadable') problems.push(badToml(path, content.reason));
    else if (content.kind === 'text') {
      const { text } = content;
      const read =
        known.find((file) => file.path === path && file.text === text) ?? tryConfig(path, text, loader);
      if ('code' in read) {
        problems.push(read);
        continue;
      }
      files.push(read);
      const imported = resolveImports(snapshot, read);
      problems.push(...imported.problems);
      hidden.push(...imported.hidden.map((each) => ({ path: each, importedBy: path })));
      unread.patterns.push(...imported.unread);
      pending.push(...imported.paths.map((each) => ({ path: each, importedBy: path })));
    } else if (importedBy !== undefined) {
      // Without a main file containerd reads no files at all.
      if (content.kind === 'hidden') hidden.push({ path, importedBy });
      else problems.push(missingImport(importedBy, path));
    }
  }
  problems.push(...aboveRoot(loader, files));
  return { config: { loader, mainPath, files, problems, hidden }, unread };
}

function tryConfig(path: HostPath, text: string, loader: Loader): ConfigFile | ConfigProblem {
  try {
    return readConfig(path, text, loader);
  } catch (error) {
    if (!(error instanceof KataError)) throw error;
    return badToml(path, describeError(error).replaceAll('\n  ', ', '));
  }
}

/** Root: the first file with a version. */
function aboveRoot({ refusesAboveRoot }: Loader, files: readonly ConfigFile[]): readonly ConfigProblem[] {
  const root = files.find(({ schema }) => schema !== undefined);
  if (!refusesAboveRoot || root?.schema === undefined) return [];
  const { schema: limit } = root;
  return files
    .filter(({ schema }) => (schema ?? 0) > limit)
    .map(({ path, schema }) => ({
      code: 'KATA_ENGINE_CONFIG_SCHEMA',
      file: path,
      message: `${path} has version ${schema}, above version ${limit} of ${root.path}: this containerd would not start`,
      hint: `write ${path} in schema ${limit}, or use containerd 2.3.5 or newer`,
    }));
}

function badToml(file: HostPath, message: string): ConfigProblem {
  return { code: 'KATA_ENGINE_CONFIG_TOML', file, message, hint: `correct ${file}` };
}

function readConfig(path: HostPath, text: string, loader: Loader): ConfigFile | ConfigProblem {
  const { value } = TomlDocument.parse(text, path);
  const { version, imports = [] } = value;
  const isSchema = typeof version === 'number' && Number.isInteger(version) && version >= 0;
  if (version !== undefined && (!isSchema || version > loader.newestSchema)) {
    return {
      code: 'KATA_ENGINE_CONFIG_SCHEMA',
      file: path,
      message: `this containerd does not read ${path}: its version is above ${loader.newestSchema} or not a number`,
      hint: `set version = ${loader.newestSchema} in ${path} and write the rest in that schema`,
    };
  }
  if (!isArray(imports) || !imports.every((each) => typeof each === 'string')) {
    return {
      code: 'KATA_ENGINE_CONFIG_IMPORTS',
      file: path,
      message: `imports in ${path} is not a list of strings`,
      hint: `correct imports in ${path}`,
    };
  }
  return {
    path,
    text,
    // For Go zero means unset.
    schema: version === 0 || !isSchema ? undefined : version,
    value,
    imports: imports.map((each) => {
      const isFromRoot = each.includes('*') && loader.relativeGlobsFrom === 'working directory';
      return cleanPath(isFromRoot ? '/' : posix.dirname(path), each);
    }),
  };
}

interface Imports {
  readonly paths: HostPath[];
  readonly problems: ConfigProblem[];
  readonly hidden: HostPath[];
  readonly unread: HostPath[];
}

function resolveImports(snapshot: Snapshot, file: ConfigFile): Imports {
  const imports: Imports = { paths: [], problems: [], hidden: [], unread: [] };
  for (const pattern of file.imports) {
    if (!isPattern(pattern)) {
      imports.paths.push(pattern);
      continue;
    }
    if (!snapshot.globs.has(pattern)) imports.unread.push(pattern);
    const found = snapshot.globs.get(pattern);
    if (found === 'hidden') imports.hidden.push(pattern);
    else if (found !== undefined) imports.paths.push(...found);
    else if (snapshot.globs.has(pattern)) imports.problems.push(badPattern(file, pattern));
  }
  return imports;
}

function badPattern(file: ConfigFile, pattern: string): ConfigProblem {
  return {
    code: 'KATA_ENGINE_CONFIG_IMPORTS',
    file: file.path,
    message: `${file.path} imports the malformed pattern ${pattern}`,
    hint: `correct imports in ${file.path}`,
  };
}

function missingImport(importedBy: HostPath, path: HostPath): ConfigProblem {
  return {
    code: 'KATA_ENGINE_CONFIG_IMPORTS',
    file: importedBy,
    message: `${importedBy} imports ${path}, which does not exist: containerd would not start`,
    hint: `create ${path} or remove it from imports in ${importedBy}`,
    missing: path,
  };
}
