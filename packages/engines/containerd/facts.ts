/** All that planning needs to know of a host, read once. */
import { KataError } from '@kata/core';
import type { Host, HostPath } from '@kata/host';
import type { EngineContext } from '../contract.ts';
import { matchesGlob } from './go-glob.ts';
import { ownerName } from './marks.ts';
import { type ConfigFile, type LoadedConfig, readText, resolveConfig } from './resolve-config.ts';
import { configInCommand } from './unit-command.ts';

export interface ContainerdFacts extends LoadedConfig {
  readonly engineVersion: string;
  /** As the main file says; undefined when it says nothing or does not exist. */
  readonly schema: number | undefined;
  /** The present text of every file that may be changed and exists. */
  readonly texts: ReadonlyMap<HostPath, string>;
  /** The main file that containerd's unit names; undefined when systemd does not say. */
  readonly unitConfig: string | undefined;
}

export const containerdUnit = 'containerd.service';

export const containerdDirectory: HostPath = '/etc/containerd';

function mainPath({ configFileName = 'config.toml' }: EngineContext): HostPath {
  return `${containerdDirectory}/${configFileName}`;
}

export async function probe(host: Host, version: string, context: EngineContext): Promise<ContainerdFacts> {
  const main = mainPath(context);
  const config = await resolveConfig(host.files, version, main);
  const texts = new Map(config.files.map((file) => [file.path, file.text]));
  const ours = [
    main,
    ...dropInPaths(context),
    ...userDropInPaths(context),
    ...context.owned.map((file) => file.path),
  ];
  for (const path of ours) {
    const text = texts.has(path) ? undefined : await readText(host.files, path);
    if (text !== undefined) texts.set(path, text);
  }
  const schema = config.files.find((file) => file.path === config.mainPath)?.schema;
  return { ...config, engineVersion: version, schema, texts, unitConfig: await readUnitConfig(host) };
}

/** Where our drop-in can be: in the directory that containerd's own default imports, or below our prefix. */
export function dropInPaths(context: EngineContext): readonly [HostPath, HostPath] {
  return [
    `${containerdDirectory}/conf.d/${ownerName(context)}.toml`,
    `${context.prefix}/containerd/config.d/kata-deploy.toml`,
  ];
}

/** Of the person's own drop-in, beside each of ours; its name sorts last. */
export function userDropInPaths({ prefix, suffix }: EngineContext): readonly [HostPath, HostPath] {
  const name = suffix === '' ? 'zz-kata-deploy-user.toml' : `zz-kata-deploy-user-${suffix}.toml`;
  return [`${containerdDirectory}/conf.d/${name}`, `${prefix}/containerd/config.d/${name}`];
}

/** The drop-ins of this installation. One of the person counts only when it came from us, or is to. */
export function ourDropIns(context: EngineContext): readonly HostPath[] {
  const owned = context.owned.map((file) => file.path);
  const isOurs = (path: HostPath): boolean => context.userDropIn !== undefined || owned.includes(path);
  return [...dropInPaths(context), ...userDropInPaths(context).filter(isOurs)];
}

/** The files that containerd would read if we were not here. */
export function foreignFiles(facts: LoadedConfig, context: EngineContext): readonly ConfigFile[] {
  const ours = ourDropIns(context);
  return facts.files.filter((file) => !ours.includes(file.path));
}

export function imports(file: Pick<ConfigFile, 'imports'>, path: HostPath): boolean {
  return file.imports.some(
    (pattern) => pattern === path || (pattern.includes('*') && matchesGlob(pattern, path) === true),
  );
}

async function readUnitConfig(host: Host): Promise<string | undefined> {
  try {
    const command = (await host.units.state(containerdUnit))?.command;
    return command === undefined ? undefined : configInCommand(command);
  } catch (error) {
    // What systemd does not say is no reason to stop: whoever needs systemd will hear of it.
    if (error instanceof KataError) return undefined;
    throw error;
  }
}
