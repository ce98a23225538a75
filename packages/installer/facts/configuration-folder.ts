/** Lists what Kata's loaders read for a handler: its configuration and every entry of the `config.d` next to it. */
import { posix } from 'node:path';
import type { FileInfo, HostFiles, HostPath } from '@kata/host';
import type { ConfigurationEntry } from '@kata/kata';
import { linkChain } from '../engine/link-chain.ts';

export interface FolderEntry extends ConfigurationEntry {
  readonly path: HostPath;
  /** Of the entry itself, not of a link's target. */
  readonly info: FileInfo;
}

export interface ConfigurationFolder {
  /** Path of the configuration, with links followed: the loaders read the `config.d` next to it. */
  readonly configuration: HostPath;
  /** Undefined when it is missing. */
  readonly content: Buffer | undefined;
  readonly directory: HostPath;
  readonly entries: readonly FolderEntry[];
}

/** Includes our own unfinished files, which the loaders read, too. */
export async function readConfigurationFolder(
  files: HostFiles,
  configPath: HostPath,
): Promise<ConfigurationFolder> {
  const configuration = (await followLinks(files, configPath))?.path ?? configPath;
  const directory: HostPath = `${posix.dirname(configuration) as HostPath}/config.d`;
  const entries: FolderEntry[] = [];
  for (const name of await files.list(directory)) {
    const path: HostPath = `${directory}/${name}`;
    const info = await files.info(path);
    if (info === undefined) continue;
    entries.push({ name, path, info, kind: info.kind, content: await contentOf(files, path) });
  }
  return { configuration, content: await contentOf(files, configuration), directory, entries };
}

/** Follows links in the last part of the path; undefined also for dangling links and circles. */
export async function followLinks(
  files: HostFiles,
  path: HostPath,
): Promise<{ readonly path: HostPath; readonly info: FileInfo } | undefined> {
  const { path: place, info } = (await linkChain(files, path)).at(-1) ?? { path, info: undefined };
  return info === undefined || info.kind === 'link' ? undefined : { path: place, info };
}

/** Undefined for anything but a file. */
async function contentOf(files: HostFiles, path: HostPath): Promise<Buffer | undefined> {
  const found = await followLinks(files, path);
  return found?.info.kind === 'file' ? await files.read(found.path) : undefined;
}
