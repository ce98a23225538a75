/** Reads containerd's configuration as containerd does, with other code than the installer's, and checks the files named there. */
import type { HostFiles, HostPath } from '@kata/host';
import { parse } from 'smol-toml';

export interface ServedHandler {
  readonly name: string;
  readonly shimPath: HostPath;
  readonly configPath: HostPath;
  /** The shim's information; here, its content. */
  readonly shim: string;
}

type ParsedHandler = Omit<ServedHandler, 'shim'>;

const main: HostPath = '/etc/containerd/config.toml';

/** Our handlers. @throws Error when a file does not parse, or a file, shim or configuration is missing. */
export async function readEngine(files: HostFiles): Promise<readonly ServedHandler[]> {
  const found: ParsedHandler[] = [];
  for (const { path, value } of await loadFiles(files, main)) {
    if (value === undefined) throw new Error(`${main} imports ${path}, which is missing`);
    found.push(...handlersIn(value));
  }
  const handlers: ServedHandler[] = [];
  for (const handler of found) handlers.push({ ...handler, shim: await checkHandler(files, handler) });
  return handlers;
}

/** The files that it would read, beginning with this one; `value` undefined: missing. @throws Error when one does not parse. */
export async function loadFiles(
  files: HostFiles,
  path: HostPath,
): Promise<readonly { readonly path: HostPath; readonly value: unknown }[]> {
  const text = await files.read(path);
  if (text === undefined) return [];
  const value = parse(text.toString());
  const imports = [value['imports'] ?? []].flat() as HostPath[];
  const paths = await Promise.all(imports.map(async (each) => await expand(files, each)));
  const imported = paths.flat().map(async (each) => {
    const content = await files.read(each);
    return { path: each, value: content === undefined ? undefined : parse(content.toString()) };
  });
  return [{ path, value }, ...(await Promise.all(imported))];
}

/** A pattern without matches is not an error. */
async function expand(files: HostFiles, path: HostPath): Promise<readonly HostPath[]> {
  if (!path.endsWith('/*.toml')) return [path];
  const folder = path.slice(0, -'/*.toml'.length) as HostPath;
  const names = (await files.list(folder)).filter((name) => name.endsWith('.toml'));
  return names.map((name): HostPath => `${folder}/${name}`);
}

function handlersIn(value: unknown): ParsedHandler[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]: [string, unknown]) =>
    name.startsWith('kata-') ? [handlerOf(name, inner)] : handlersIn(inner),
  );
}

interface HandlerTable {
  readonly runtime_type: string;
  readonly runtime_path?: HostPath;
  readonly options: { readonly ConfigPath: HostPath };
}

function handlerOf(name: string, table: unknown): ParsedHandler {
  const { runtime_type: type, runtime_path: path, options } = table as HandlerTable;
  return { name, shimPath: path ?? shimOfType(type), configPath: options.ConfigPath };
}

function shimOfType(type: string): HostPath {
  if (type.startsWith('/')) return type as HostPath;
  const [name = '', version = ''] = type.split('.').slice(-2);
  return `/usr/local/bin/containerd-shim-${name}-${version}`;
}

/** Through a wrapper, if it is one. */
async function readShim(files: HostFiles, path: HostPath): Promise<string | undefined> {
  const text = (await files.read(path))?.toString();
  const inner = /^#!.*\n.* (\/\S+-shim-\S+) "\$@"\n$/.exec(text ?? '')?.[1];
  return inner === undefined ? text : await readShim(files, inner as HostPath);
}

async function checkHandler(files: HostFiles, handler: ParsedHandler): Promise<string> {
  const shim = await readShim(files, handler.shimPath);
  if (shim === undefined || !/^shim \d+\.\d+\.\d+$/.test(shim)) {
    throw new Error(`${handler.name}: ${handler.shimPath} is ${JSON.stringify(shim)}`);
  }
  const configuration = (await files.read(handler.configPath))?.toString() ?? '';
  if (!('hypervisor' in parse(configuration))) {
    throw new Error(`${handler.name}: ${handler.configPath} is not a configuration`);
  }
  return shim;
}
