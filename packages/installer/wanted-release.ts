/** The release that a payload becomes under some settings, with all that is generated into it. */
import { archiveOf, chooseRelease, type Payload, readArchive, type ReleaseManifest } from '@kata/artifacts';
import type { HostFiles } from '@kata/host';
import { releaseDirectory } from '@kata/kata';
import { carriedFiles } from './carried-handlers.ts';
import { readAdministratorFiles } from './administrator-files.ts';
import type { HandlerEntry } from './facts.ts';
import type { WantedRelease } from './plan-install.ts';
import type { Settings } from './settings/index.ts';
import { wantedComponents, wantedFiles, wantedHandlers, wantedTexts } from './wanted-files.ts';

/** With what it consists of. */
export interface MadeRelease extends WantedRelease {
  readonly manifest: ReleaseManifest;
}

export async function wantedRelease(
  files: HostFiles,
  settings: Settings,
  payload: Payload,
  carried: readonly HandlerEntry[] = [],
): Promise<MadeRelease> {
  const manifest = chooseRelease(payload.manifest, wantedComponents(settings));
  const { id } = manifest;
  const ours = wantedFiles(settings, id, await readTexts(files, settings, payload, manifest));
  const place = { prefix: settings.prefix, directory: releaseDirectory(settings.prefix, id) };
  const theirs = await readAdministratorFiles(files, place, wantedHandlers(settings), ours);
  const paths = new Set(manifest.entries.map((entry) => entry.path));
  const others = await carriedFiles(files, carried, { prefix: settings.prefix, id, paths });
  return {
    id,
    manifest,
    components: [...new Set(manifest.entries.map((entry) => entry.component))],
    topLevel: topLevelOf(manifest),
    files: new Map([...ours.files, ...theirs, ...others]),
    absent: ours.absent,
    carried,
    shimInfo: payload.manifest.shimInfo ?? {},
  };
}

/** First parts of the paths in a release. */
export function topLevelOf({ entries }: Pick<ReleaseManifest, 'entries'>): readonly string[] {
  return [...new Set(entries.map((entry) => entry.path.split('/')[0] ?? ''))].toSorted();
}

/** What configuration is generated from: from the release when it is there, else from the archives. */
async function readTexts(
  files: HostFiles,
  settings: Settings,
  payload: Payload,
  release: ReleaseManifest,
): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  const paths = new Set(wantedTexts(settings));
  const entries = release.entries.filter((entry) => entry.kind === 'file' && paths.has(entry.path));
  for (const { path } of entries) {
    const content = await files.read(`${releaseDirectory(settings.prefix, release.id)}/${path}`);
    if (content !== undefined) found.set(path, content.toString('utf8'));
  }
  const missing = entries.filter((entry) => !found.has(entry.path));
  for (const component of new Set(missing.map((entry) => entry.component))) {
    for await (const entry of readArchive(archiveOf(payload, component))) {
      if (entry.kind === 'file' && paths.has(entry.path))
        found.set(entry.path, await readText(entry.content));
    }
  }
  return found;
}

async function readText(content: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of content) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}
