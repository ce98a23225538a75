/** How the generations of containerd read their configuration, and where each schema has CRI handlers, as data. */
import { exitCodes, KataError } from '@kata/core';
import type { TomlPath } from '@kata/toml';

type Version = readonly [major: number, minor: number, patch: number];

export interface Loader {
  /** The first version after this generation. */
  readonly before: Version;
  /** A file with a higher schema version stops the daemon. */
  readonly newestSchema: number;
  /** How a plugin's section in two files is merged. */
  readonly merge: 'later file replaces section' | 'deep';
  /** Otherwise all files are merged first, and the last version of a file counts for all. */
  readonly migratesEachFile: boolean;
  /** A file with a version above that of the first file with one stops the daemon. */
  readonly refusesAboveRoot: boolean;
  /** What a relative import with an asterisk is relative to (containerd's working directory is `/`); others: the file. */
  readonly relativeGlobsFrom: 'importing file' | 'working directory';
  readonly handlersIn: 'main file' | 'drop-in';
  /** 1.6 has `runtime_path`, but finds the shim only by `runtime_type`, which may be an absolute path. */
  readonly startsShimBy: 'runtime_type' | 'runtime_path';
  /** 1.6 uses one snapshotter for all handlers, whatever their tables set. */
  readonly handlersHaveSnapshotters: boolean;
  /** Reading `runtimes` clears the defaults first, so that the default `runc` is lost. */
  readonly runtimesReplaceDefaults: boolean;
}

const inPlace = {
  newestSchema: 2,
  merge: 'later file replaces section',
  migratesEachFile: false,
  refusesAboveRoot: false,
  handlersIn: 'main file',
  runtimesReplaceDefaults: true,
  handlersHaveSnapshotters: true,
} as const;

const withDropIns = {
  relativeGlobsFrom: 'importing file',
  merge: 'deep',
  handlersIn: 'drop-in',
  startsShimBy: 'runtime_path',
  runtimesReplaceDefaults: false,
  refusesAboveRoot: false,
  handlersHaveSnapshotters: true,
} as const;

const oldInPlace = { ...inPlace, startsShimBy: 'runtime_type', handlersHaveSnapshotters: false } as const;

const oldest: Version = [1, 6, 0];

const loaders: readonly Loader[] = [
  { before: [1, 6, 29], ...oldInPlace, relativeGlobsFrom: 'working directory' },
  { before: [1, 7, 0], ...oldInPlace, relativeGlobsFrom: 'importing file' },
  { before: [1, 7, 16], ...inPlace, startsShimBy: 'runtime_path', relativeGlobsFrom: 'working directory' },
  { before: [2, 0, 0], ...inPlace, startsShimBy: 'runtime_path', relativeGlobsFrom: 'importing file' },
  { before: [2, 3, 0], ...withDropIns, newestSchema: 3, migratesEachFile: false },
  { before: [2, 3, 5], ...withDropIns, newestSchema: 4, migratesEachFile: true, refusesAboveRoot: true },
  { before: [Infinity, 0, 0], ...withDropIns, newestSchema: 4, migratesEachFile: true },
];

/** The plugin that serves CRI handlers, by schema version. */
const criPlugins: Readonly<Record<number, string>> = {
  1: 'cri',
  2: 'io.containerd.grpc.v1.cri',
  3: 'io.containerd.cri.v1.runtime',
  4: 'io.containerd.cri.v1.runtime',
};

/** With any of these in `disabled_plugins`, containerd does not serve kubelet. */
export const criNames: readonly string[] = Object.values(criPlugins);

export const runtimesPaths: readonly TomlPath[] = [...new Set(criNames)].map(runtimesPathIn);

export function loaderOf(version: string): Loader {
  // Packages have suffixes: `1.6.20~ds1`, `2.4.2+unknown`.
  const given = /^v?(\d+)\.(\d+)\.(\d+)/.exec(version)?.slice(1).map(Number) ?? [0, 0, 0];
  const isBefore = (limit: Version): boolean => {
    const place = limit.findIndex((part, i) => part !== given[i]);
    return place >= 0 && (given[place] ?? 0) < (limit[place] ?? 0);
  };
  const loader = isBefore(oldest) ? undefined : loaders.find((each) => isBefore(each.before));
  if (loader !== undefined) return loader;
  throw new KataError('KATA_ENGINE_VERSION', `containerd ${version} is not supported`, {
    exitCode: exitCodes.precondition,
    hint: `use containerd ${oldest.join('.')} or newer`,
  });
}

export function criSectionPath(schema: number): TomlPath {
  return ['plugins', criPlugins[schema] ?? ''];
}

export function runtimesPath(schema: number): TomlPath {
  return runtimesPathIn(criPlugins[schema] ?? '');
}

function runtimesPathIn(plugin: string): TomlPath {
  return ['plugins', plugin, 'containerd', 'runtimes'];
}

/**
 * From schema 3 on a separate plugin pulls images. It does not read the handlers; it finds the snapshotter of each here.
 * Older schemas are migrated to that.
 */
export const platformsPath: TomlPath = ['plugins', 'io.containerd.cri.v1.images', 'runtime_platforms'];

export function hasPlatforms(schema: number): boolean {
  return schema >= 3;
}
