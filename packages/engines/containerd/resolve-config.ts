/** Reads all files of containerd's configuration in the order and by the rules of its own loader. */
import { describeError, KataError } from '@kata/core';
import type { HostFiles, HostPath } from '@kata/host';
import { isArray, TomlDocument, type TomlTable } from '@kata/toml';
import { posix } from 'node:path';
import { cleanPath, globFiles } from './go-glob.ts';
import { type Loader, loaderOf } from './loaders.ts';

export interface ConfigFile {
  readonly path: HostPath;
  readonly text: string;
  /** As the file says; undefined when it says nothing, which containerd takes for 1. */
  readonly schema: number | undefined;
  readonly value: TomlTable;
  /** Absolute paths and patterns. */
  readonly imports: readonly HostPath[];
}

/** Why containerd would not start, or why we cannot tell what it reads. */
export interface ConfigProblem {
  readonly code: `KATA_ENGINE_${string}`;
  readonly file: HostPath;
  readonly message: string;
  readonly hint: string;
  /** Of an import of a file that is not there. */
  readonly missing?: HostPath;
}

export interface LoadedConfig {
  readonly loader: Loader;
  readonly mainPath: HostPath;
  /** In the order in which they are merged; the main file is the first. None: containerd uses its defaults. */
  readonly files: readonly ConfigFile[];
  readonly problems: readonly ConfigProblem[];
}

type Read = ConfigFile | ConfigProblem | undefined;

/** Breadth first; each file once; a literal import of a missing file is an error that stops the daemon. */
export async function resolveConfig(
  files: HostFiles,
  version: string,
  mainPath: HostPath,
): Promise<LoadedConfig> {
  const loader = loaderOf(version);
  const loaded = new Map<HostPath, Read>();
  const problems: ConfigProblem[] = [];
  const pending: { path: HostPath; importedBy?: HostPath }[] = [{ path: mainPath }];
  for (let next = pending.shift(); next !== undefined; next = pending.shift()) {
    const { path, importedBy } = next;
    if (loaded.has(path)) continue;
    const read = await readConfigFile(files, path, loader);
    loaded.set(path, read);
    if (read === undefined) {
      // Without a main file containerd reads nothing at all.
      if (importedBy !== undefined) problems.push(missingImport(importedBy, path));
    } else if ('code' in read) problems.push(read);
    else {
      const imported = await resolveImports(files, read);
      problems.push(...imported.problems);
      pending.push(...imported.paths.map((each) => ({ path: each, importedBy: path })));
    }
  }
  const good = [...loaded.values()].filter((read) => read !== undefined && 'text' in read);
  return { loader, mainPath, files: good, problems };
}

/** Undefined when there is no such file; a problem when it is not UTF-8, without which no byte is safe. */
export async function readText(files: HostFiles, path: HostPath): Promise<string | undefined> {
  const bytes = await files.read(path);
  if (bytes === undefined) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    throw new KataError('KATA_ENGINE_CONFIG_TOML', `${path} is not valid UTF-8`, { cause: error });
  }
}

async function readConfigFile(files: HostFiles, path: HostPath, loader: Loader): Promise<Read> {
  try {
    const text = await readText(files, path);
    return text === undefined ? undefined : readConfig(path, text, loader);
  } catch (error) {
    if (!(error instanceof KataError)) throw error;
    const message = describeError(error).replaceAll('\n  ', ', ');
    return { code: 'KATA_ENGINE_CONFIG_TOML', file: path, message, hint: `correct ${path}` };
  }
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
    // Zero is Go's word for nothing.
    schema: version === 0 || !isSchema ? undefined : version,
    value,
    imports: imports.map((each) => {
      const isFromRoot = each.includes('*') && loader.relativeGlobsFrom === 'working directory';
      return cleanPath(isFromRoot ? '/' : posix.dirname(path), each);
    }),
  };
}

interface Imports {
  readonly paths: readonly HostPath[];
  readonly problems: readonly ConfigProblem[];
}

async function resolveImports(files: HostFiles, file: ConfigFile): Promise<Imports> {
  const paths: HostPath[] = [];
  const problems: ConfigProblem[] = [];
  for (const pattern of file.imports) {
    // Only an asterisk makes a pattern of an import.
    const found = pattern.includes('*') ? await globFiles(files, pattern) : [pattern];
    if (found === undefined) problems.push(badPattern(file, pattern));
    else paths.push(...found);
  }
  return { paths, problems };
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
    message: `${importedBy} imports ${path}, which is not there; containerd would not start again`,
    hint: `create ${path} or remove it from imports in ${importedBy}`,
    missing: path,
  };
}
