/** How Kata's runtimes load a configuration and its `config.d`: one model of both loaders. */
import { KataError } from '@kata/core';
import { getIn, TomlDocument, type TomlTable } from '@kata/toml';
import type { Shim } from '../../shims.ts';
import { mergeTables } from '../effective-configuration.ts';
import { checkKeys, isRefusedWhenUnknown } from './check-keys.ts';
import { checkValues } from './check-values.ts';

export interface Loader {
  readonly language: Shim['language'];
  /** Of Kata. Undefined, or older than our table of keys: it may have other keys. */
  readonly version: string | undefined;
}

/** One entry of `config.d`; the content of a link is that of its target. */
export interface ConfigurationEntry {
  readonly name: string;
  readonly kind: 'file' | 'link' | 'directory' | 'other';
  /** Undefined when it cannot be read. */
  readonly content: Uint8Array | undefined;
}

/** Why the runtime does not start a pod. */
export interface Refusal {
  /** Name of the entry; undefined: the configuration itself. */
  readonly entry: string | undefined;
  readonly message: string;
}

export interface LoadedConfiguration {
  readonly refusals: readonly Refusal[];
  /** Without the entries that cannot be read. */
  readonly effective: TomlTable;
  /** Keys of drop-ins that the runtime ignores. */
  readonly withoutEffect: readonly Refusal[];
  /** All entries that could be read, in the order in which they are merged. */
  readonly layers: readonly Layer[];
}

export interface Layer {
  /** Name of the entry; undefined: the configuration itself. */
  readonly entry: string | undefined;
  readonly table: TomlTable;
}

/** Both runtimes read every entry, whatever its name, in byte order of the names. */
export function loadConfiguration(
  loader: Loader,
  configuration: string,
  entries: readonly ConfigurationEntry[],
): LoadedConfiguration {
  const refusals: Refusal[] = [];
  const layers: Layer[] = [];
  const read = (entry: string | undefined, text: string): void => {
    const table = parse(text);
    if (typeof table === 'string') refusals.push({ entry, message: table });
    else layers.push({ entry, table });
  };
  read(undefined, configuration);
  for (const entry of entries.toSorted(byName)) {
    const text = textOf(loader, entry);
    if ('message' in text) refusals.push({ entry: entry.name, message: text.message });
    else read(entry.name, text.text);
  }
  const effective = layers.map(({ table }) => table).reduce<TomlTable>(mergeTables, {});
  const keys = keyRefusals(loader, layers);
  const values = checkValues(loader.language, effective).map(({ paths, message }) => ({
    entry: entryAtFault(layers, paths),
    message,
  }));
  return {
    refusals: [...refusals, ...keys.refusals, ...values],
    effective,
    withoutEffect: keys.withoutEffect,
    layers,
  };
}

/** The order in which a runtime reads them. */
function byName(a: Pick<ConfigurationEntry, 'name'>, b: Pick<ConfigurationEntry, 'name'>): number {
  return Buffer.compare(Buffer.from(a.name), Buffer.from(b.name));
}

function textOf({ language }: Loader, entry: ConfigurationEntry): { text: string } | { message: string } {
  const { kind, content } = entry;
  if (kind === 'directory') return { message: 'is a directory, but every entry here must be a TOML file' };
  if (kind === 'other') return { message: 'is not a regular file, but every entry here must be a TOML file' };
  if (kind === 'link' && language === 'rust') return { message: 'is a link, which this runtime refuses' };
  if (content === undefined)
    return { message: kind === 'link' ? 'is a link without a readable target' : 'cannot be read' };
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(content) };
  } catch {
    return { message: 'is not text in UTF-8' };
  }
}

/** A string is the reason why there is no table. */
function parse(text: string): TomlTable | string {
  try {
    return TomlDocument.parse(text, 'it').value;
  } catch (error) {
    if (!(error instanceof KataError)) throw error;
    return error.message.replace(/^it /, '');
  }
}

interface KeyRefusals {
  readonly refusals: readonly Refusal[];
  readonly withoutEffect: readonly Refusal[];
}

/** Go decodes each file; Rust decodes the merged configuration. */
function keyRefusals(loader: Loader, layers: readonly Layer[]): KeyRefusals {
  const { language } = loader;
  const shipped = layers.find(({ entry }) => entry === undefined)?.table ?? {};
  const found = layers.flatMap(({ entry, table }) =>
    checkKeys(language, table, shipped).map((problem) => ({ ...problem, entry })),
  );
  const counts = found.filter(
    ({ kind, path, entry }) =>
      kind === 'unknown' || language === 'go' || entry === entryAtFault(layers, [path]),
  );
  const refuses = ({ kind, path }: (typeof found)[number]): boolean =>
    kind === 'type' || (isModelled(loader.version) && isRefusedWhenUnknown(language, path));
  const toRefusal = ({ entry, kind, message }: (typeof found)[number]): Refusal => ({
    entry,
    message: kind === 'type' ? message : `${message} in Kata 4.1 and newer`,
  });
  return {
    refusals: counts.filter(refuses).map(toRefusal),
    withoutEffect: counts.filter((problem) => !refuses(problem)).map(toRefusal),
  };
}

/** Our table of keys is that of 4.1; older releases also had others. */
function isModelled(version: string | undefined): boolean {
  const [, major, minor] = /^v?(\d+)\.(\d+)\b/.exec(version ?? '') ?? [];
  return Number(major) > 4 || (Number(major) === 4 && Number(minor) >= 1);
}

/** The entry that set one of the keys last; if none did, the first one with their table, where the key is missing. */
export function entryAtFault(
  layers: readonly Layer[],
  paths: readonly (readonly string[])[],
): string | undefined {
  const sets =
    (path: readonly string[]) =>
    ({ table }: Layer) =>
      getIn(table, path) !== undefined;
  const last = layers.findLast((layer) => paths.some((path) => sets(path)(layer)));
  const table = paths[0]?.slice(0, -1) ?? [];
  return (last ?? layers.find(sets(table)))?.entry;
}
