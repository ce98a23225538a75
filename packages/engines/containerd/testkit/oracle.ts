/**
 * What containerd serves with its files, for tests: independent of our own code, with another parser, according to
 * containerd-config.toml(5) and `LoadConfig` and `mergeConfig` in its cmd/containerd/server/config.
 */
import { posix } from 'node:path';
import type { HostFiles, HostPath } from '@kata/host';
import { parse } from 'smol-toml';
import type { Oracle, Served, ServedHandler } from '../../conformance/oracle.ts';

type Table = Readonly<Record<string, unknown>>;
type Files = Pick<HostFiles, 'read' | 'list'>;

interface Generation {
  readonly newestSchema: number;
  /** Sections of plugins are merged, not replaced; CRI consists of two plugins, one of them for images. */
  readonly isTwo: boolean;
  /** From 2.3 on each file is migrated before the merge. */
  readonly migratesEachFile: boolean;
  /** Before 1.7 `runtime_type` has the path. */
  readonly hasRuntimePath: boolean;
  /** Before 1.6.29 and 1.7.16 a relative import with an asterisk is relative to the working directory, which is `/`. */
  readonly hasGlobsFromRoot: boolean;
  /** 2.3.0 to 2.3.4 do not start with a version above that of the first file with one. */
  readonly refusesAboveRoot: boolean;
}

interface File {
  /** 0: the file has no version. */
  readonly schema: number;
  readonly value: Table;
}

const old = 'io.containerd.grpc.v1.cri';
const runtime = 'io.containerd.cri.v1.runtime';
const images = 'io.containerd.cri.v1.images';
const defaults: Table = { runc: { runtime_type: 'io.containerd.runc.v2' } };

export const oracle: Oracle = async (files, mainPath, version) => {
  const generation = generationOf(version);
  const read = await readAll(files, mainPath, generation);
  const { imports: _, version: given, ...merged } = mergeAll(read, generation);
  const { plugins, debug, ...others } = { plugins: {}, debug: {}, ...merged };
  const schema = generation.isTwo ? generation.newestSchema : Number(given ?? 1);
  const section = generation.isTwo ? runtime : schema === 1 ? 'cri' : old;
  const { containerd, ...cri } = tableAt(plugins, section);
  const { runtimes, ...rest } = table(containerd);
  const { runtime_platforms, ...pulling } = tableAt(plugins, images);
  const { level: _level, ...debugging } = table(debug);
  const all = generation.isTwo ? mergeDeeply(defaults, table(runtimes)) : table(runtimes ?? defaults);
  const platforms = table(runtime_platforms);
  const handlers = Object.entries(all).map(
    ([name, value]) => [name, handlerOf(table(value), tableAt(platforms, name), generation)] as const,
  );
  const left = Object.entries(platforms).filter(([name]) => !Object.hasOwn(all, name));
  return {
    handlers: Object.fromEntries(handlers),
    logLevel: stringAt(debug, 'level'),
    settings: flatten({
      ...others,
      debug: debugging,
      plugins: {
        ...table(plugins),
        [section]: { ...cri, containerd: rest },
        [images]: { ...pulling, runtime_platforms: Object.fromEntries(left) },
      },
    }),
  } satisfies Served;
};

function generationOf(version: string): Generation {
  const [major = 0, minor = 0, patch = 0] = version.split('.').map(Number);
  const isTwo = major >= 2;
  const migratesEachFile = isTwo && minor >= 3;
  return {
    newestSchema: migratesEachFile ? 4 : major + 1,
    isTwo,
    migratesEachFile,
    hasRuntimePath: isTwo || minor >= 7,
    hasGlobsFromRoot: !isTwo && patch < (minor >= 7 ? 16 : 29),
    refusesAboveRoot: isTwo && minor === 3 && patch < 5,
  };
}

function handlerOf(value: Table, platform: Table, { hasRuntimePath, isTwo }: Generation): ServedHandler {
  const [snapshotter, pulls] = [stringAt(value, 'snapshotter'), stringAt(platform, 'snapshotter')];
  const isSplit = isTwo && pulls !== snapshotter;
  const type = stringAt(value, 'runtime_type');
  const typePath = type?.startsWith('/') === true ? type : undefined;
  return {
    shimPath: hasRuntimePath ? stringAt(value, 'runtime_path') : typePath,
    configPath: stringAt(value['options'], 'ConfigPath'),
    snapshotter: isSplit ? `${snapshotter} for containers, ${pulls} for images` : snapshotter,
    table: [value, platform],
  };
}

/** "imports": breadth first, each file once; a pattern may match nothing, a plain path must exist. */
async function readAll(files: Files, mainPath: HostPath, generation: Generation): Promise<readonly File[]> {
  const found = new Map<HostPath, File>();
  const pending: HostPath[] = (await files.read(mainPath)) === undefined ? [] : [mainPath];
  for (let path = pending.shift(); path !== undefined; path = pending.shift()) {
    if (found.has(path)) continue;
    const bytes = await files.read(path);
    if (bytes === undefined) throw new Error(`the imported file ${path} does not exist`);
    const value = parse(bytes.toString().replace('\uFEFF', ''));
    const { version: schema = 0, imports = [] } = value;
    if (typeof schema !== 'number' || schema > generation.newestSchema) {
      throw new Error(`${path} has the version ${JSON.stringify(schema)}`);
    }
    found.set(path, { schema, value });
    for (const each of imports as readonly string[]) {
      const isFromRoot = generation.hasGlobsFromRoot && each.includes('*');
      const folder = isFromRoot ? '/' : posix.dirname(path);
      pending.push(...(await expand(files, posix.resolve(folder, each) as HostPath)));
    }
  }
  if (generation.refusesAboveRoot) refuseAboveRoot([...found]);
  return [...found.values()];
}

function refuseAboveRoot(files: readonly (readonly [HostPath, File])[]): void {
  const limit = files.find(([, { schema }]) => schema > 0)?.[1].schema ?? Infinity;
  const above = files.find(([, { schema }]) => schema > limit);
  if (above !== undefined) throw new Error(`${above[0]} has a version above ${limit}`);
}

/** Only asterisks in the last part, as in all machines of the tests. */
async function expand(files: Files, path: HostPath): Promise<readonly HostPath[]> {
  const [before, after] = posix.basename(path).split('*');
  if (before === undefined || after === undefined) return [path];
  const folder = posix.dirname(path) as HostPath;
  const names = await files.list(folder);
  return names
    .filter((name) => name.startsWith(before) && name.endsWith(after))
    .toSorted()
    .map((name): HostPath => `${folder}/${name}`);
}

function mergeAll(files: readonly File[], generation: Generation): Table {
  const { isTwo, migratesEachFile, newestSchema } = generation;
  if (!isTwo) return merge(files.map(({ value }) => value));
  if (migratesEachFile)
    return merge(
      files.map(({ value, schema }) => migrate(value, schema)),
      true,
    );
  // On 2.0 to 2.2 a file of schema 1 gets the long name separately, and the last version above 1 counts for all.
  const named = files.map(({ value, schema }) => (schema < 2 ? migrate(value, schema, 2) : value));
  const last = files.findLast(({ schema }) => schema >= 2)?.schema ?? newestSchema;
  return migrate(merge(named, true), last);
}

/** mergo with override: empty values override nothing, lists are appended, and some maps are replaced entry by entry. */
function merge(values: readonly Table[], isDeep = false): Table {
  const result: Record<string, unknown> = {};
  for (const value of values) {
    for (const [name, each] of Object.entries(value)) {
      const present = result[name];
      const isReplaced = name === 'plugins' ? !isDeep : mapsByEntry.includes(name);
      if (isTable(each)) {
        result[name] = isReplaced ? { ...table(present), ...each } : mergeDeeply(table(present), each);
      } else if (Array.isArray(each)) {
        result[name] = [...new Set([...(Array.isArray(present) ? present : []), ...each])];
      } else if (present === undefined || ![0, '', false].includes(each as never)) result[name] = each;
    }
  }
  return result;
}

const mapsByEntry: readonly string[] = ['stream_processors', 'proxy_plugins', 'timeouts'];

function mergeDeeply(to: Table, from: Table): Table {
  const result: Record<string, unknown> = { ...to };
  for (const [name, value] of Object.entries(from)) {
    result[name] = isTable(value) && isTable(to[name]) ? mergeDeeply(to[name], value) : value;
  }
  return result;
}

/** From 1 to 2 the CRI plugin gets its long name; from 2 to 3 it becomes two, whose existing keys stay. */
function migrate(value: Table, from: number, to = 3): Table {
  const { cri: short, ...others } = table(value['plugins']);
  const named = from < 2 && short !== undefined ? { ...others, [old]: short } : table(value['plugins']);
  if (from >= 3 || to < 3 || !isTable(named[old])) return { ...value, plugins: named };
  const { [old]: section, ...rest } = named;
  const { containerd, ...cri } = table(section);
  const present = tableAt(named, runtime);
  const merged = {
    ...cri,
    ...present,
    containerd: { ...table(containerd), ...tableAt(present, 'containerd') },
  };
  return {
    ...value,
    plugins: {
      ...rest,
      [runtime]: merged,
      [images]: withPlatforms(tableAt(named, images), table(containerd)),
    },
  };
}

/** The plugin for images finds the snapshotter of each handler among its own platforms. */
function withPlatforms(section: Table, containerd: Table): Table {
  const found = Object.entries(tableAt(containerd, 'runtimes')).flatMap(([name, value]) => {
    const snapshotter = stringAt(value, 'snapshotter');
    return snapshotter === undefined ? [] : [[name, { snapshotter }] as const];
  });
  if (found.length === 0) return section;
  return {
    ...section,
    runtime_platforms: { ...Object.fromEntries(found), ...tableAt(section, 'runtime_platforms') },
  };
}

/** By paths; empty tables do not count. */
function flatten(value: Table, above = ''): Readonly<Record<string, unknown>> {
  const entries = Object.entries(value).map(([name, each]) => {
    const path = above === '' ? name : `${above} ${name}`;
    return isTable(each) ? flatten(each, path) : { [path]: each };
  });
  return Object.assign({}, ...entries) as Readonly<Record<string, unknown>>;
}

function isTable(value: unknown): value is Table {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

function table(value: unknown): Table {
  return isTable(value) ? value : {};
}

function tableAt(value: unknown, name: string): Table {
  return table(table(value)[name]);
}

function stringAt(value: unknown, name: string): string | undefined {
  const found = table(value)[name];
  return typeof found === 'string' ? found : undefined;
}
