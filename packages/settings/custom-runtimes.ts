/** Custom runtimes: the list with their handlers, and their drop-ins next to it. */
import { type CustomRuntime, handlerName, type KataArchitecture, type Shim, shims } from '@kata/kata';
import { findKnownShim, supportsArchitecture } from './choose-shims.ts';
import { pullTypes, snapshotterPattern } from './kinds.ts';
import type { Problems } from './problems.ts';
import type { GivenFields } from './read-fields.ts';
import { type FileSource, readKataDropIn, readText } from './read-text.ts';
import { guestPullOnly } from './resolve-shim-options.ts';

const labelPattern = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
/** The container runtime defines them, or uses them for another purpose. */
export const reservedHandlers: readonly string[] = ['runc', 'crun', 'untrusted'];

interface ListContext {
  readonly kataArchitecture: KataArchitecture;
  readonly suffix: string;
  readonly problems: Problems;
}

/**
 * A line is `handler:baseConfig:snapshotter:pullType`; the last two may be empty or absent. The list is for nodes of all
 * architectures: a runtime whose base does not exist for this one is ignored.
 */
export async function readCustomRuntimes(
  fields: GivenFields,
  kataArchitecture: KataArchitecture,
  source: FileSource,
): Promise<readonly CustomRuntime[]> {
  const { value: isEnabled, source: variable } = fields.customRuntimesEnabled;
  if (!isEnabled) return [];
  const folder = fields.customConfigs.value;
  const path = `${folder}/custom-runtimes.list`;
  const text = await readText(path, source, `${variable} is set, but ${path} does not exist`);
  if (text === undefined) return [];
  const context = { kataArchitecture, suffix: fields.suffix.value ?? '', problems: source.problems };
  const entries = text
    .split('\n')
    .map((line, index) => ({ line: line.trim(), place: `${path}, line ${index + 1},` }))
    .filter(({ line }) => line !== '' && !line.startsWith('#'));
  if (entries.length === 0) {
    source.problems.add(`${path} names no runtime`, `name one, or leave ${variable} out`);
  }
  const names = new Set<string>();
  const found: CustomRuntime[] = [];
  for (const { line, place } of entries) {
    const runtime = readLine(line, place, context);
    if (runtime === undefined) continue;
    if (names.has(runtime.handler)) {
      source.problems.add(`${place} names the handler "${runtime.handler}" again`, 'name each handler once');
    }
    names.add(runtime.handler);
    if (!supportsArchitecture(runtime.base, kataArchitecture)) continue;
    const dropIn = `${folder}/dropin-${runtime.handler}.toml`;
    found.push({ ...runtime, dropIn: await readKataDropIn(dropIn, runtime.base.language, source) });
  }
  return found;
}

/** `dropin-<shim>.toml` by name of the shim. */
export async function readShimDropIns(
  enabled: readonly Shim[],
  folder: string,
  source: FileSource,
): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  for (const { name, language } of enabled) {
    const text = await readKataDropIn(`${folder}/dropin-${name}.toml`, language, source);
    if (text !== undefined) found.set(name, text);
  }
  return found;
}

/** Undefined, with problems, for an invalid line. */
function readLine(line: string, place: string, context: ListContext): CustomRuntime | undefined {
  const parts = line.split(':').map((part) => part.trim());
  const [handler = '', baseConfig = '', snapshotter = '', pullType = ''] = parts;
  const { problems } = context;
  if (parts.length > 4 || baseConfig === '') {
    problems.add(
      `${place} "${line}" is not a valid custom runtime`,
      'write handler:baseConfig:snapshotter:pullType',
    );
    return undefined;
  }
  const isNamed = checkHandler(handler, place, context);
  const base = findKnownShim(baseConfig, place, context.kataArchitecture, problems);
  if (snapshotter !== '' && !snapshotterPattern.test(snapshotter)) {
    problems.add(
      `${place} "${snapshotter}" is not a valid name of a snapshotter`,
      'use the name of a snapshotter of the container runtime',
    );
  }
  if (pullType !== '' && !pullTypes.includes(pullType)) {
    problems.add(
      `${place} "${pullType}" is not a valid pull type`,
      `pull types are ${pullTypes.join(' and ')}`,
    );
  }
  if (!isNamed || base === undefined) return undefined;
  return {
    handler,
    base,
    snapshotter: snapshotter === '' ? undefined : snapshotter,
    pullType: guestPullOnly(pullType === '' ? undefined : pullType),
    dropIn: undefined,
  };
}

function checkHandler(handler: string, place: string, { suffix, problems }: ListContext): boolean {
  if (!labelPattern.test(handler)) {
    problems.add(
      `${place} "${handler}" is not a valid name of a handler`,
      'use at most 63 of a-z, 0-9 and inner hyphens',
    );
    return false;
  }
  if (!isInUse(handler, suffix)) return true;
  problems.add(
    `${place} the name of handler "${handler}" is already in use`,
    'give the handler a unique name',
  );
  return false;
}

/** By any shim, enabled or not, with or without the suffix; also a name whose drop-in would be that of a shim. */
function isInUse(handler: string, suffix: string): boolean {
  if (reservedHandlers.includes(handler) || shims.has(handler)) return true;
  const plain = handler.replace(/-(debug|devkit)$/, '');
  return [...shims.keys()].some(
    (shim) => plain === handlerName(shim, '') || plain === handlerName(shim, suffix),
  );
}
