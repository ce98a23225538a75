/** A release: a payload tree and settings, with one id. Pure. */
import { createHash } from 'node:crypto';
import { sha256 } from '@kata/core';
import { compareText } from './compare-text.ts';
import { payloadError } from './payload-error.ts';
import type { PayloadEntry } from './payload.ts';
import { contentOf, type PayloadTree, type ReleaseEntry } from './payload-tree.ts';
import type { ReleaseSettings } from './release-settings.ts';

interface ManifestBase {
  /** `<version>-<8 hexadecimal digits of its content>` */
  readonly id: string;
  readonly version: string;
  readonly architecture: string;
  /** Sorted by path, with all parent directories. */
  readonly entries: readonly ReleaseEntry[];
  /** See `PayloadManifest`. */
  readonly shimInfo?: Readonly<Record<string, string>> | undefined;
}

/** Of the payload only: from earlier versions, or adopted. Its id must never change. */
export interface PayloadReleaseManifest extends ManifestBase {
  readonly schema: 1;
}

export interface GeneratedEntry {
  readonly path: string;
  readonly mode: number;
  readonly size: number;
  /** Of its text with `ownId` instead of the release id. */
  readonly sha256: string;
}

/** Of payload and settings. */
export interface SettledReleaseManifest extends ManifestBase, ReleaseSettings {
  readonly schema: 2;
  /** Sorted by path. */
  readonly generated: readonly GeneratedEntry[];
}

/** Content of the file `manifest.json` of a release. */
export type ReleaseManifest = PayloadReleaseManifest | SettledReleaseManifest;

export interface GeneratedFile {
  readonly text: string;
  /** Permission bits. */
  readonly mode: number;
}

/** By path in the release. */
export type GeneratedFiles = ReadonlyMap<string, GeneratedFile>;

/** Placeholder of the release id, on which digests must not depend. */
export const ownId = '<id>';

/** `generate`: creates the files of a release with this id. */
export function settleRelease(
  tree: PayloadTree,
  settings: ReleaseSettings,
  generate: (id: string) => GeneratedFiles,
): { readonly manifest: SettledReleaseManifest; readonly files: GeneratedFiles } {
  const content = { ...tree, ...settings, generated: describeFiles(generate(ownId), ownId) };
  refuseConflicts(content);
  const id = settledId(content);
  const files = generate(id);
  const { version, architecture, entries, shimInfo } = tree;
  const manifest: SettledReleaseManifest = {
    schema: 2,
    id,
    version,
    architecture,
    entries,
    generated: describeFiles(files, id),
    handlers: settings.handlers,
    engine: settings.engine,
    ...(shimInfo === undefined ? {} : { shimInfo }),
  };
  return { manifest, files };
}

/** Computes the id from the content of a manifest. */
export function idOf(manifest: ReleaseManifest): string {
  return manifest.schema === 1 ? payloadId(manifest.version, manifest.entries) : settledId(manifest);
}

/** Does not depend on order or on components. */
export function payloadId(version: string, entries: readonly PayloadEntry[]): string {
  return shortId(version, payloadLines(entries));
}

function settledId(
  content: Pick<SettledReleaseManifest, 'version' | 'entries' | 'generated' | 'handlers' | 'engine'>,
): string {
  const { version, entries, generated, handlers, engine } = content;
  return shortId(version, [
    ...payloadLines(entries),
    ...generated.map(({ path, mode, sha256 }) => [path, 'generated', mode, sha256]),
    ...handlers
      .toSorted((a, b) => compareText(a.name, b.name))
      .map(({ name, shimPath, configPath, snapshotter, pullType }) => [
        'handler',
        name,
        shimPath,
        configPath,
        snapshotter ?? null,
        pullType ?? null,
      ]),
    // Without the path that the drop-in was read from: the engine does not get it.
    ['engine', engine.configFileName, engine.debug, engine.userDropIn?.text ?? null],
  ]);
}

export function isReleaseId(text: string): boolean {
  return /^[0-9A-Za-z][0-9A-Za-z.+_-]{0,53}-[0-9a-f]{8}$/.test(text);
}

/** The digest in `GeneratedEntry`. */
export function generatedDigest(text: string, id: string): string {
  return sha256(text.replaceAll(id, ownId));
}

function payloadLines(entries: readonly PayloadEntry[]): readonly (readonly unknown[])[] {
  return entries.toSorted((a, b) => compareText(a.path, b.path)).map(contentOf);
}

function shortId(version: string, lines: readonly (readonly unknown[])[]): string {
  const hash = createHash('sha256').update(`${version}\n`);
  for (const line of lines) hash.update(`${JSON.stringify(line)}\n`);
  return `${version}-${hash.digest('hex').slice(0, 8)}`;
}

function describeFiles(files: GeneratedFiles, id: string): readonly GeneratedEntry[] {
  return [...files]
    .map(([path, { text, mode }]) => ({
      path,
      mode,
      size: Buffer.byteLength(text),
      sha256: generatedDigest(text, id),
    }))
    .toSorted((a, b) => compareText(a.path, b.path));
}

function refuseConflicts({
  entries,
  generated,
}: Pick<SettledReleaseManifest, 'entries' | 'generated'>): void {
  const ours = new Set(generated.map(({ path }) => path));
  const other = entries.find(({ path }) => ours.has(path));
  if (other === undefined) return;
  throw payloadError(
    'KATA_PAYLOAD_CONFLICT',
    `component ${other.component}: ${other.path} is at the path of a generated file`,
    { component: other.component, file: other.path },
  );
}
