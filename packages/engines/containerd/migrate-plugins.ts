/** Migrates plugins' sections with the names of older schemas, like containerd 2. Pure. */
import { isTable, type TomlTable, type TomlValue } from '@kata/toml';

const cri = 'io.containerd.grpc.v1.cri';
const runtime = 'io.containerd.cri.v1.runtime';
const images = 'io.containerd.cri.v1.images';

/** Still read in the old section. */
const serverKeys: readonly string[] = [
  'disable_tcp_service',
  'stream_server_address',
  'stream_server_port',
  'stream_idle_timeout',
  'enable_tls_streaming',
  'x509_key_pair_streaming',
];
/** Moved to the plugin for images, where they override existing values. */
const imageKeys: readonly string[] = [
  'registry',
  'image_decryption',
  'max_concurrent_downloads',
  'image_pull_progress_timeout',
  'image_pull_with_sync_fs',
  'stats_collect_period',
];
const imageKeysOfContainerd: readonly string[] = [
  'snapshotter',
  'disable_snapshot_annotations',
  'discard_unpacked_layers',
];
/** Renamed sections; they replace an existing new one. */
const renamed: Readonly<Record<string, string>> = {
  'io.containerd.monitor.v1.cgroups': 'io.containerd.monitor.task.v1.cgroups',
  'io.containerd.internal.v1.restart': 'io.containerd.monitor.container.v1.restart',
};

/** The sections that containerd reads, by their newest names; sections that it would not read are dropped. */
export function migratePlugins(plugins: TomlTable, schema: number): TomlTable {
  const named = schema < 2 ? longNames(plugins) : plugins;
  const moved = schema < 3 ? moveSections(named) : named;
  const left = Object.entries(moved).filter(([name]) => !Object.hasOwn(renamed, name));
  const result: Record<string, TomlValue> = Object.fromEntries(left);
  const server = tableOf(result[cri]);
  const read = Object.entries(server).filter(([key]) => serverKeys.includes(key));
  if (read.length > 0) result[cri] = Object.fromEntries(read);
  else delete result[cri];
  return result;
}

/** A complete file of schema 1 with the schema 2 name of its CRI section. */
export function withLongNames(value: TomlTable): TomlTable {
  const { plugins } = value;
  return isTable(plugins) ? { ...value, plugins: longNames(plugins) } : value;
}

function longNames(plugins: TomlTable): TomlTable {
  const { cri: short, ...others } = plugins;
  return short === undefined ? plugins : { ...others, [cri]: short };
}

function moveSections(plugins: TomlTable): TomlTable {
  const result: Record<string, TomlValue> = { ...plugins };
  for (const [from, to] of Object.entries(renamed)) {
    const section = result[from];
    if (section !== undefined) result[to] = section;
  }
  const old = result[cri];
  if (!isTable(old)) return result;
  result[runtime] = runtimeSection(tableOf(result[runtime]), old);
  result[images] = imagesSection(tableOf(result[images]), old);
  return result;
}

/** Existing keys of the new section win, key by key: its `runtimes` hide all old ones. */
function runtimeSection(present: TomlTable, old: TomlTable): TomlTable {
  const gone = [...serverKeys, ...imageKeys, 'sandbox_image', 'cni', 'containerd'];
  const result: Record<string, TomlValue> = { ...without(old, gone), ...present };
  if (isTable(old['cni'])) result['cni'] = { ...old['cni'], ...tableOf(present['cni']) };
  if (!isTable(old['containerd'])) return result;
  result['containerd'] = {
    ...without(old['containerd'], imageKeysOfContainerd),
    ...tableOf(present['containerd']),
  };
  return result;
}

/** Here the old section wins. */
function imagesSection(present: TomlTable, old: TomlTable): TomlTable {
  const result: Record<string, TomlValue> = { ...present, ...only(old, imageKeys) };
  const { sandbox_image: sandbox } = old;
  if (sandbox !== undefined) result['pinned_images'] = { ...tableOf(present['pinned_images']), sandbox };
  return { ...result, ...only(tableOf(old['containerd']), imageKeysOfContainerd) };
}

function without(table: TomlTable, keys: readonly string[]): TomlTable {
  return Object.fromEntries(Object.entries(table).filter(([key]) => !keys.includes(key)));
}

function only(table: TomlTable, keys: readonly string[]): TomlTable {
  return Object.fromEntries(Object.entries(table).filter(([key]) => keys.includes(key)));
}

function tableOf(value: TomlValue | undefined): TomlTable {
  return isTable(value) ? value : {};
}
