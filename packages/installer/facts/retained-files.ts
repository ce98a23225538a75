/** Files of retained handlers, which a release does not generate itself: they stay unchanged while a sandbox may need them. */
import { posix } from 'node:path';
import type { PlacedEntries, PlacedEntry } from '@kata/artifacts';
import { exitCodes, KataError } from '@kata/core';
import type { HostFiles, HostPath } from '@kata/host';
import { type Handler, releaseDirectory } from '@kata/kata';
import { readsLinks } from './handler-paths.ts';
import { readPlaced, readPlacedEntry } from './placed-files.ts';

export interface RetainingRelease {
  readonly prefix: HostPath;
  /** The active release, which has the files; undefined while another installation is being adopted. */
  readonly source: string | undefined;
  /** Paths of its own files. */
  readonly paths: ReadonlySet<string>;
}

/**
 * Copies of their configurations, and links to shims that the release does not have, by path in the release.
 *
 * @throws KataError `KATA_INSTALLER_SANDBOXES`
 */
export async function readRetainedFiles(
  files: HostFiles,
  handlers: readonly Handler[],
  release: RetainingRelease,
): Promise<PlacedEntries> {
  const found = new Map<string, PlacedEntry>();
  for (const handler of handlers) {
    for (const [path, entry] of await configurationFiles(files, release.prefix, handler)) {
      if (!release.paths.has(path)) found.set(path, entry);
    }
    const shim = await inInstallation(files, release.prefix, handler.shimPath);
    if (shim !== undefined && !release.paths.has(shim)) {
      found.set(shim, await shimLink(files, handler, shim, release));
    }
  }
  return found;
}

/** Read through the stable paths. */
async function configurationFiles(
  files: HostFiles,
  prefix: HostPath,
  handler: Handler,
): Promise<PlacedEntries> {
  const { configPath } = handler;
  if (!configPath.startsWith(`${prefix}/`)) return new Map();
  const options = { keepsLinks: readsLinks(prefix, handler) };
  const folder: HostPath = `${posix.dirname(configPath) as HostPath}/config.d`;
  const found = new Map<string, PlacedEntry>();
  const configuration = await readPlacedEntry(files, prefix, configPath, options);
  const inside = posix.relative(prefix, configPath);
  if (configuration !== undefined) found.set(inside, configuration);
  for (const [name, entry] of await readPlaced(files, prefix, folder, options)) {
    found.set(`${posix.dirname(inside)}/config.d/${name}`, entry);
  }
  return found;
}

/** A link to the release that has the shim; that release stays as long as the handler does. */
async function shimLink(
  files: HostFiles,
  { name, shimPath }: Handler,
  inside: string,
  { prefix, source }: RetainingRelease,
): Promise<PlacedEntry> {
  if (source === undefined) throw missingShim(name, shimPath);
  const info = await files.info(`${prefix}/${inside}`);
  const isLed = info?.kind === 'link' && info.target?.startsWith(`${prefix}/releases/`) === true;
  return {
    kind: 'link',
    target: isLed ? (info.target ?? '') : `${releaseDirectory(prefix, source)}/${inside}`,
  };
}

/** Undefined for a path outside the installation that does not link into it, such as a wrapper. */
async function inInstallation(
  files: HostFiles,
  prefix: HostPath,
  path: HostPath,
): Promise<string | undefined> {
  if (path.startsWith(`${prefix}/`)) return posix.relative(prefix, path);
  const info = await files.info(path);
  return info?.target?.startsWith(`${prefix}/`) === true ? posix.relative(prefix, info.target) : undefined;
}

/** Ids of the releases that are named in files of these handlers. */
export async function namedReleases(
  files: HostFiles,
  prefix: HostPath,
  handlers: readonly Handler[],
): Promise<ReadonlySet<string>> {
  const texts: string[] = [];
  for (const handler of handlers) {
    texts.push((await files.info(handler.shimPath))?.target ?? '');
    for (const entry of (await configurationFiles(files, prefix, handler)).values()) {
      texts.push(entry.kind === 'link' ? entry.target : Buffer.from(entry.content).toString('utf8'));
    }
  }
  const parts = texts.flatMap((text) => text.split(`${prefix}/releases/`).slice(1));
  return new Set(parts.map((part) => /^[^/"'\s]*/.exec(part)?.[0] ?? ''));
}

function missingShim(handler: string, shimPath: HostPath): KataError {
  return new KataError(
    'KATA_INSTALLER_SANDBOXES',
    `Kata pods are running that may need the handler ${handler}, and the next release does not have its shim ${shimPath}`,
    {
      exitCode: exitCodes.precondition,
      hint: 'also install a shim of the same kind, or run this again when those pods have ended',
      details: { handler, shimPath },
    },
  );
}
