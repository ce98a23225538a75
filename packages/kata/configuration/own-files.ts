/** The drop-in that lets a configuration name the files of its own release. */
import { getIn, isArray, isEqualValue, isTable, type TomlTable, type TomlValue } from '@kata/toml';
import { mergeTables } from './effective-configuration.ts';
import { type QemuWrapper, qemuWrapper } from './qemu-wrapper.ts';

/** The prefix in Kata's shipped configuration files, for which its programs are built. */
const shippedPrefix = '/opt/kata';

export interface ReleasePlace {
  /** The installation, whose paths are the same in all releases. */
  readonly prefix: `/${string}`;
  /** The release in it. */
  readonly directory: `/${string}`;
}

export interface OwnFiles {
  /** Only the settings that name a path below `/opt/kata`, with the same path in the release. */
  readonly dropIn: TomlTable | undefined;
  /** The drop-in names it as the hypervisor where QEMU itself would not find its data. */
  readonly wrapper: QemuWrapper | undefined;
}

/** `hypervisor`: the name of the shipped configuration's table below `[hypervisor]`. */
export function ownFiles(shipped: TomlTable, hypervisor: string, place: ReleasePlace): OwnFiles {
  const dropIn = ownTable(shipped, place);
  const path = dropIn === undefined ? undefined : getIn(dropIn, ['hypervisor', hypervisor, 'path']);
  if (dropIn === undefined || typeof path !== 'string' || place.prefix === shippedPrefix) {
    return { dropIn, wrapper: undefined };
  }
  const wrapper = qemuWrapper(path, place.directory);
  if (wrapper === undefined) return { dropIn, wrapper };
  const started = `${place.directory}/${wrapper.path}`;
  const allowed = getIn(dropIn, ['hypervisor', hypervisor, 'valid_hypervisor_paths']);
  const names = new Map([
    [path, started],
    [`${place.prefix}${path.slice(place.directory.length)}`, `${place.prefix}/${wrapper.path}`],
  ]);
  // Pods that were allowed to name QEMU may name its wrapper instead: QEMU alone does not find its data.
  const paths = isArray(allowed)
    ? {
        valid_hypervisor_paths: allowed.map((item) =>
          typeof item === 'string' ? (names.get(item) ?? item) : item,
        ),
      }
    : {};
  const table = { path: started, ...paths };
  return { dropIn: mergeTables(dropIn, { hypervisor: { [hypervisor]: table } }), wrapper };
}

function ownTable(table: TomlTable, place: ReleasePlace): TomlTable | undefined {
  const found = new Map<string, TomlValue>();
  for (const [key, value] of Object.entries(table)) {
    const own = ownValue(key, value, place);
    if (own !== undefined) found.set(key, own);
  }
  return found.size === 0 ? undefined : Object.fromEntries(found);
}

function ownValue(key: string, value: TomlValue, place: ReleasePlace): TomlValue | undefined {
  if (typeof value === 'string') return moved(value, place.directory);
  if (isTable(value)) return ownTable(value, place);
  if (!isArray(value)) return undefined;
  // A drop-in replaces the whole array, so it repeats all items.
  const items = value.flatMap((item) => ownItems(key, item, place));
  return isEqualValue(items, value) ? undefined : items;
}

function ownItems(key: string, item: TomlValue, place: ReleasePlace): readonly TomlValue[] {
  if (isTable(item)) return [mergeTables(item, ownTable(item, place) ?? {})];
  if (typeof item !== 'string') return [item];
  const own = moved(item, place.directory);
  if (own === undefined) return [item];
  // Paths that pods may name in an annotation: they use those that are the same in all releases.
  return key.startsWith('valid_') ? [own, moved(item, place.prefix) ?? item] : [own];
}

/** Undefined for a path outside `/opt/kata`, which stays as it is. */
export function moved(path: string, directory: string): string | undefined {
  const isOurs = path === shippedPrefix || path.startsWith(`${shippedPrefix}/`);
  return isOurs ? `${directory}${path.slice(shippedPrefix.length)}` : undefined;
}
