/** All that planning needs to know of a host, read once. */
import type { Host, HostPath } from '@kata/host';
import type { EngineContext } from '../contract.ts';
import { matchesGlob } from './go-glob.ts';
import { type ConfigFile, type LoadedConfig, readText, resolveConfig } from './resolve-config.ts';

export interface ContainerdFacts extends LoadedConfig {
  readonly engineVersion: string;
  /** As the main file says; undefined when it says nothing or does not exist. */
  readonly schema: number | undefined;
  /** The present text of every file that may be changed and exists. */
  readonly texts: ReadonlyMap<HostPath, string>;
}

const defaultMainPath: HostPath = '/etc/containerd/config.toml';

export async function probe(host: Host, version: string, context: EngineContext): Promise<ContainerdFacts> {
  const config = await resolveConfig(host.files, version, defaultMainPath);
  const texts = new Map(config.files.map((file) => [file.path, file.text]));
  const ours = [defaultMainPath, ...dropInPaths(context), ...context.owned.map((file) => file.path)];
  for (const path of ours) {
    const text = texts.has(path) ? undefined : await readText(host.files, path);
    if (text !== undefined) texts.set(path, text);
  }
  const schema = config.files.find((file) => file.path === config.mainPath)?.schema;
  return { ...config, engineVersion: version, schema, texts };
}

/** Where our drop-in can be: in the directory that containerd's own default imports, or below our prefix. */
export function dropInPaths({ prefix, suffix }: EngineContext): readonly [HostPath, HostPath] {
  const name = suffix === '' ? 'kata-deploy' : `kata-deploy-${suffix}`;
  return [`/etc/containerd/conf.d/${name}.toml`, `${prefix}/containerd/config.d/kata-deploy.toml`];
}

/** The files that containerd would read if we were not here. */
export function foreignFiles(facts: LoadedConfig, context: EngineContext): readonly ConfigFile[] {
  const ours = dropInPaths(context);
  return facts.files.filter((file) => !ours.includes(file.path));
}

export function imports(file: ConfigFile, path: HostPath): boolean {
  return file.imports.some(
    (pattern) => pattern === path || (pattern.includes('*') && matchesGlob(pattern, path) === true),
  );
}
