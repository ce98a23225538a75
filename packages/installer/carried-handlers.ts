/** Handlers that this version would not make: they stay as they are while a sandbox may need them. */
import { exitCodes, KataError } from '@kata/core';
import type { Host, HostFiles, HostPath } from '@kata/host';
import { releaseDirectory } from '@kata/kata';
import { posix } from 'node:path';
import type { HandlerEntry } from './facts.ts';
import { handlerEntry } from './adoption/upstream.ts';
import { emptyRecord, type OwnershipRecord, readRecord } from './record.ts';
import type { Settings } from './settings/index.ts';
import { type WantedFile, wantedHandlers } from './wanted-files.ts';
import type { EngineSession } from './engine-session.ts';

export interface NextRelease {
  readonly prefix: HostPath;
  readonly id: string;
  /** Paths in it, relative to it. */
  readonly paths: ReadonlySet<string>;
}

/** None when no sandbox lives. The settings are widened by what this version can make of the recorded handlers. */
export async function findCarried(
  host: Host,
  engine: EngineSession,
  settings: Settings,
  sandboxes: readonly string[],
): Promise<readonly HandlerEntry[]> {
  if (sandboxes.length === 0) return [];
  const record = await readRecord(host, settings.prefix);
  const known = record?.handlers ?? (await engine.readFacts(emptyRecord)).found;
  const names = new Set(wantedHandlers(settings).map((handler) => handler.name));
  return known.filter(({ name }) => !names.has(name)).map(handlerEntry);
}

export function isAdopted(record: OwnershipRecord | undefined, handler: string): boolean {
  return record?.adopted?.handlers.some(({ name }) => name === handler) === true;
}

/**
 * Copies of their configurations for the next release, which must have their shims.
 *
 * @throws KataError `KATA_INSTALLER_SANDBOXES`
 */
export async function carriedFiles(
  files: HostFiles,
  handlers: readonly HandlerEntry[],
  release: NextRelease,
): Promise<ReadonlyMap<HostPath, WantedFile>> {
  const { prefix, id, paths } = release;
  const carried = new Map<HostPath, WantedFile>();
  for (const { name, shimPath, configPath } of handlers) {
    const shim = await inInstallation(files, prefix, shimPath);
    if (shim !== undefined && !paths.has(shim)) throw missingShim(name, shimPath, id);
    for (const path of [configPath, ...(await dropInsOf(files, configPath))]) {
      const inside = posix.relative(prefix, path);
      if (inside.startsWith('../') || paths.has(inside)) continue;
      const content = await files.read(path);
      if (content === undefined) continue;
      const copy: HostPath = `${releaseDirectory(prefix, id)}/${inside}`;
      carried.set(copy, { text: content.toString('utf8'), mode: 0o644 });
    }
  }
  return carried;
}

/** Undefined when it is elsewhere, such as a wrapper. */
async function inInstallation(
  files: HostFiles,
  prefix: HostPath,
  path: HostPath,
): Promise<string | undefined> {
  if (path.startsWith(`${prefix}/`)) return posix.relative(prefix, path);
  const info = await files.info(path);
  return info?.target?.startsWith(`${prefix}/`) === true ? posix.relative(prefix, info.target) : undefined;
}

async function dropInsOf(files: HostFiles, configPath: HostPath): Promise<readonly HostPath[]> {
  const folder: HostPath = `${posix.dirname(configPath) as HostPath}/config.d`;
  const names = (await files.list(folder)).filter((name) => name.endsWith('.toml'));
  return names.map((name): HostPath => `${folder}/${name}`);
}

function missingShim(handler: string, shimPath: HostPath, release: string): KataError {
  return new KataError(
    'KATA_INSTALLER_SANDBOXES',
    `sandboxes live that may need the handler ${handler}, and release ${release} does not have its shim ${shimPath}`,
    {
      exitCode: exitCodes.precondition,
      hint: 'install with a shim of the same kind, too, or try again when they have ended',
      details: { handler, shimPath, release },
    },
  );
}
