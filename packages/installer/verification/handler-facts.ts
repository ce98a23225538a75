/** Looks at what stands behind a handler: its shim, its configuration, and the files that are named there. */
import { posix } from 'node:path';
import { KataError } from '@kata/core';
import type { FileInfo, Host, HostFiles, HostPath } from '@kata/host';
import { referencedFiles } from '@kata/kata';
import type { HandlerEntry } from '../facts.ts';
import type { HandlerFacts } from './facts.ts';

/** As many as the kernel follows. */
const maximumLinks = 40;

export interface HandlerProbe {
  readonly host: Host;
  readonly prefix: HostPath;
}

export async function readHandler(probe: HandlerProbe, handler: HandlerEntry): Promise<HandlerFacts> {
  return {
    handler,
    shim: await infoBehindLinks(probe.host.files, handler.shimPath),
    configuration: await readConfiguration(probe, handler.configPath),
  };
}

async function readConfiguration(
  { host, prefix }: HandlerProbe,
  path: HostPath,
): Promise<HandlerFacts['configuration']> {
  const { files } = host;
  const directory: HostPath = `${posix.dirname(path) as HostPath}/config.d`;
  const dropIns = (await files.list(directory)).filter((name) => name.endsWith('.toml'));
  const texts: string[] = [];
  for (const each of [path, ...dropIns.map((name): HostPath => `${directory}/${name}`)]) {
    const content = await files.read(each);
    if (content === undefined && each === path) return { kind: 'missing' };
    texts.push(content?.toString('utf8') ?? '');
  }
  try {
    const named = referencedFiles(texts) as readonly HostPath[];
    const [missing, unseen]: [HostPath[], HostPath[]] = [[], []];
    for (const each of named) {
      const isSurelySeen = !host.isPartial || each.startsWith(`${prefix}/`);
      if ((await infoBehindLinks(files, each)) === undefined) (isSurelySeen ? missing : unseen).push(each);
    }
    return { kind: 'read', named, missing, unseen };
  } catch (error) {
    if (!(error instanceof KataError)) throw error;
    return { kind: 'broken', message: error.message };
  }
}

/** Undefined also when links lead nowhere or in circles. */
async function infoBehindLinks(files: HostFiles, path: HostPath): Promise<FileInfo | undefined> {
  let place = path;
  for (let count = 0; count <= maximumLinks; count += 1) {
    const info = await files.info(place);
    if (info?.kind !== 'link') return info;
    const target = info.target ?? '';
    // Not normalized: `..` counts from where the links on the way lead.
    place = target.startsWith('/') ? (target as HostPath) : `${posix.dirname(place) as HostPath}/${target}`;
  }
  return undefined;
}
