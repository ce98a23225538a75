/** The releases under a prefix: `releases/<id>/…`, each with its `manifest.json`. */
import { posix } from 'node:path';
import { exitCodes, KataError } from '@kata/core';
import type { HostFiles, HostPath } from '@kata/host';
import { releaseDirectory as pathOfRelease } from '@kata/kata';
import * as z from 'zod';
import { releaseSchema } from './manifest-schema.ts';
import { isReleaseId, type ReleaseManifest } from './release.ts';

export interface Store {
  readonly files: HostFiles;
  /** Such as `/opt/kata`. */
  readonly prefix: HostPath;
}

export function releasesDirectory(store: Store): HostPath {
  return hostPath(store.prefix, 'releases');
}

export function releaseDirectory(store: Store, id: string): HostPath {
  if (!isReleaseId(id)) {
    throw new KataError('KATA_STORE_ID', `"${id}" is not a valid release id`, {
      exitCode: exitCodes.precondition,
    });
  }
  return pathOfRelease(store.prefix, id);
}

/** Ids of complete releases, sorted. */
export async function listReleases(store: Store): Promise<readonly string[]> {
  const names = await store.files.list(releasesDirectory(store));
  return names.filter(isReleaseId);
}

/** Undefined when there is no such release. */
export async function readManifest(store: Store, id: string): Promise<ReleaseManifest | undefined> {
  const path = manifestPath(releaseDirectory(store, id));
  const content = await store.files.read(path);
  if (content === undefined) return undefined;
  try {
    return releaseSchema.parse(JSON.parse(content.toString('utf8')));
  } catch (error) {
    const cause = error instanceof z.ZodError ? new Error(z.prettifyError(error)) : error;
    throw new KataError('KATA_STORE_MANIFEST', `the release manifest ${path} is damaged`, {
      exitCode: exitCodes.verification,
      cause,
      details: { release: id },
    });
  }
}

/** Renames it first, so that the left-overs of a killed run are not taken for a release. */
export async function removeRelease(store: Store, id: string): Promise<void> {
  const directory = releaseDirectory(store, id);
  const aside = removedPath(directory);
  await store.files.removeTree(aside);
  if ((await store.files.info(directory)) !== undefined) await store.files.rename(directory, aside);
  await store.files.removeTree(aside);
}

/** Removes left-overs of killed runs; returns their names. */
export async function removeLeftovers(store: Store): Promise<readonly string[]> {
  const releases = releasesDirectory(store);
  const names = (await store.files.list(releases)).filter((name) => {
    const id = name.replace(/\.(new|removed)$/, '');
    return id !== name && isReleaseId(id);
  });
  for (const name of names) await store.files.removeTree(hostPath(releases, name));
  return names;
}

export function unfinishedPath(directory: HostPath): HostPath {
  return `${directory}.new`;
}

function removedPath(directory: HostPath): HostPath {
  return `${directory}.removed`;
}

export const manifestFile = 'manifest.json';

export function encodeManifest(manifest: ReleaseManifest): Buffer {
  return Buffer.from(`${JSON.stringify(manifest)}\n`);
}

export function manifestPath(directory: HostPath): HostPath {
  return hostPath(directory, manifestFile);
}

export function hostPath(directory: HostPath, path: string): HostPath {
  return posix.join(directory, path) as HostPath;
}
