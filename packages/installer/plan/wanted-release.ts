/** The release that results from a payload and settings, with its contents. */
import { posix } from 'node:path';
import {
  choosePayload,
  expectedEntries,
  type GeneratedFiles,
  type Payload,
  readManifest,
  readPayloadTexts,
  releaseDirectory,
  type ReleaseManifest,
  type SettledReleaseManifest,
  settleRelease,
  type Store,
  type DesiredEngine,
  type FilesPlan,
  type ReleaseContents,
} from '@kata/artifacts';
import type { HostPath } from '@kata/host';
import type { Handler } from '@kata/kata';
import { findStale, readUserFiles } from './user-files.ts';
import type { FileChange } from '../state/actions.ts';
import { engineEntry } from '../engine/engine-settings.ts';
import { releaseOf } from '../facts/handler-paths.ts';
import type { SwitchTarget } from './plan-switch.ts';
import { readRetainedFiles } from '../facts/retained-files.ts';
import type { Settings } from '@kata/settings';
import { shimsOf } from './shim-answers.ts';
import { wantedComponents, wantedFiles, wantedHandlers, wantedTexts } from './wanted-files.ts';

/** Its part that is the same on every node. */
export interface SettledRelease {
  readonly manifest: SettledReleaseManifest;
  readonly generated: GeneratedFiles;
  /** Paths of files that only other settings generate. */
  readonly absent: readonly string[];
}

/** The release for one node. */
export interface WantedRelease extends SwitchTarget {
  readonly manifest: SettledReleaseManifest;
  readonly components: readonly string[];
  readonly contents: ReleaseContents;
  /** Retained handlers, which running sandboxes may need; their files are copied into it. */
  readonly retained: readonly Handler[];
  readonly engine: DesiredEngine;
  readonly changes: readonly FileChange[];
  readonly writing: FilesPlan;
}

export type MadeRelease = Omit<WantedRelease, 'writing'>;

export async function makeRelease(
  store: Store,
  settings: Settings,
  payload: Payload,
): Promise<SettledRelease> {
  const tree = choosePayload(payload.manifest, wantedComponents(settings));
  const texts = await readPayloadTexts(store, payload, tree, wantedTexts(settings));
  const told = { handlers: wantedHandlers(settings), engine: engineEntry(settings) };
  const wanted = wantedFiles(settings, texts);
  const { manifest, files } = settleRelease(tree, told, (id) => wanted(id).generated);
  return { manifest, generated: files, absent: wanted(manifest.id).absent };
}

/** Adds files of users and of retained handlers on this node. */
export async function wantedRelease(
  store: Store,
  settings: Settings,
  { manifest, generated, absent }: SettledRelease,
  retained: readonly Handler[] = [],
): Promise<MadeRelease> {
  const { files, prefix } = store;
  const { id, handlers, engine } = manifest;
  const current = releaseOf((await files.info(`${prefix}/current`))?.target);
  const theirs = await readUserFiles(files, prefix, handlers, { generated, absent });
  const paths = new Set(expectedEntries(manifest).map((entry) => entry.path));
  const retainedFiles = await readRetainedFiles(files, retained, { prefix, source: current, paths });
  const placed = new Map([...theirs, ...retainedFiles]);
  const known = new Set([...paths, ...placed.keys()]);
  const directory = releaseDirectory(store, id);
  // The files of the active release were read above, so none is stale.
  const stale = id === current ? [] : await findStale(files, { prefix, directory }, handlers, known);
  return {
    id,
    manifest,
    components: [...new Set(manifest.entries.map((entry) => entry.component))],
    topLevel: topLevelOf(manifest),
    contents: { generated, placed, absent: [...absent, ...stale] },
    retained,
    shims: shimsOf(manifest),
    engine,
    changes: await describeChanges(store, current, manifest, generated),
  };
}

/** First parts of the paths in a release. */
export function topLevelOf(manifest: ReleaseManifest): readonly string[] {
  return [...new Set(expectedEntries(manifest).map((entry) => entry.path.split('/')[0] ?? ''))].toSorted();
}

/** How generated files differ from those of the active release; ids of releases in them are not compared. */
async function describeChanges(
  store: Store,
  current: string | undefined,
  manifest: SettledReleaseManifest,
  generated: GeneratedFiles,
): Promise<readonly FileChange[]> {
  const before =
    current === undefined ? new Map<string, string>() : await readGenerated(store, current, generated);
  const directory = releaseDirectory(store, manifest.id);
  const changes: FileChange[] = [];
  for (const path of new Set([...before.keys(), ...generated.keys()])) {
    const old = before.get(path)?.replaceAll(current ?? '', manifest.id);
    const after = generated.get(path)?.text;
    if (old !== after) changes.push({ path: posix.join(directory, path) as HostPath, before: old, after });
  }
  return changes;
}

async function readGenerated(
  store: Store,
  current: string,
  generated: GeneratedFiles,
): Promise<ReadonlyMap<string, string>> {
  const manifest = await readManifest(store, current).catch(() => undefined);
  const known = manifest?.schema === 2 ? manifest.generated.map(({ path }) => path) : [];
  const texts = new Map<string, string>();
  for (const path of new Set([...known, ...generated.keys()])) {
    const content = await store.files.read(posix.join(releaseDirectory(store, current), path) as HostPath);
    if (content !== undefined) texts.set(path, content.toString('utf8'));
  }
  return texts;
}
