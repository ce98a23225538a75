/**
 * What CRI-O serves with its files, for tests: independent of our own code, with another parser, according to crio.conf(5),
 * crio.conf.d(5) and `UpdateFromDropInFile`, `UpdateFromPath` and `ValidateDefaultRuntime` in its pkg/config.
 */
import { posix } from 'node:path';
import type { HostFiles, HostPath } from '@kata/host';
import { parse } from 'smol-toml';
import type { Oracle, ServedHandler } from '../../conformance/oracle.ts';

type Table = Readonly<Record<string, unknown>>;
type Files = Pick<HostFiles, 'read' | 'list'>;

/** In no file. */
const builtIn = 'crun';

export const oracle: Oracle = async (files, mainPath) => {
  const texts: string[] = [];
  const main = await files.read(mainPath);
  if (main !== undefined) texts.push(main.toString());
  await walk(files, `${mainPath}.d`, texts);
  const runtimes = new Map<string, Table>();
  const settings: Record<string, unknown> = {};
  for (const text of texts) {
    const value = parse(text.replace(/^\uFEFF/, ''));
    for (const [name, table] of Object.entries(at(value, 'crio', 'runtime', 'runtimes'))) {
      runtimes.set(name, table as Table);
    }
    collect(value, [], settings);
  }
  const { 'crio runtime log_level': logLevel, ...others } = settings;
  const fallback = (others['crio runtime default_runtime'] ?? '') as string;
  if (fallback !== '' && fallback !== builtIn && !runtimes.has(fallback)) {
    throw new Error(`default_runtime set to ${fallback}, but no runtime entry table was found`);
  }
  return {
    handlers: Object.fromEntries([...runtimes].map(([name, table]) => [name, served(table)])),
    logLevel: logLevel as string | undefined,
    settings: others,
  };
};

async function walk(files: Files, directory: HostPath, texts: string[]): Promise<void> {
  for (const name of await files.list(directory)) {
    const path = posix.join(directory, name) as HostPath;
    const bytes = await files.read(path).catch(() => undefined);
    if (bytes === undefined) await walk(files, path, texts);
    else texts.push(bytes.toString());
  }
}

function served(table: Table): ServedHandler {
  return {
    shimPath: table['runtime_path'] as string | undefined,
    configPath: table['runtime_config_path'] as string | undefined,
    snapshotter: undefined,
    table,
  };
}

/** By their paths; a workload is one value, and storage options of all files count. */
function collect(table: Table, above: readonly string[], into: Record<string, unknown>): void {
  for (const [name, value] of Object.entries(table)) {
    const path = [...above, name].join(' ');
    if (path === 'crio runtime runtimes') continue;
    const isTable = typeof value === 'object' && value !== null && !Array.isArray(value);
    if (isTable && above.join(' ') !== 'crio runtime workloads') {
      collect(value as Table, [...above, name], into);
    } else if (path === 'crio storage_option') {
      const present = (into[path] ?? []) as readonly unknown[];
      const added = value as readonly unknown[];
      into[path] = [...present.filter((item) => !added.includes(item)), ...added];
    } else into[path] = value;
  }
}

function at(value: unknown, ...path: readonly string[]): Table {
  return path.reduce<Table>((table, name) => (table[name] ?? {}) as Table, value as Table);
}
