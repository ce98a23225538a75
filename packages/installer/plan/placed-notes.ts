/** Names entries of users in a `config.d` that Kata refuses, so that pods would not start. Pure. */
import { posix } from 'node:path';
import type { HostPath } from '@kata/host';
import {
  type ConfigurationEntry,
  type Handler,
  loadConfiguration,
  type Refusal,
  shimLanguage,
} from '@kata/kata';
import type { WantedRelease } from './wanted-release.ts';

type Release = Pick<WantedRelease, 'manifest' | 'contents'>;

/** These entries are copied to the next release unchanged, and only reported. */
export function placedNotes(
  prefix: HostPath,
  release: Release,
  handlers: readonly Handler[],
): readonly string[] {
  const byPath = new Map(handlers.toReversed().map((handler) => [handler.configPath, handler]));
  return [...byPath.values()].toReversed().flatMap((handler) => notesOf(prefix, release, handler));
}

function notesOf(
  prefix: HostPath,
  { manifest, contents }: Release,
  { name, shimPath, configPath }: Handler,
): readonly string[] {
  const configuration = textAt(contents, posix.relative(prefix, configPath));
  if (configuration === undefined) return [];
  const directory = `${posix.dirname(configPath)}/config.d`;
  const entries = entriesIn(contents, posix.relative(prefix, directory));
  const loader = { language: shimLanguage(shimPath), version: manifest.version };
  const refusals = (more: readonly ConfigurationEntry[]): readonly Refusal[] =>
    loadConfiguration(loader, configuration, [...entries.generated, ...more]).refusals;
  // Errors in shipped files are not reported: users cannot fix them.
  const shipped = new Set(refusals([]).map(({ message }) => message));
  return refusals(entries.placed).flatMap(({ entry, message }) =>
    entry === undefined || shipped.has(message)
      ? []
      : [`${directory}/${entry} ${message}: pods of ${name} do not start until this is fixed`],
  );
}

function textAt({ generated, placed }: Release['contents'], path: string): string | undefined {
  const found = placed.get(path);
  if (found?.kind === 'file') return Buffer.from(found.content).toString('utf8');
  return generated.get(path)?.text;
}

/** Targets of links are not read: only the Rust runtime's refusal of links is reported. */
function entriesIn(
  { generated, placed }: Release['contents'],
  directory: string,
): Readonly<Record<'generated' | 'placed', readonly ConfigurationEntry[]>> {
  const inside = (path: string): boolean => path.startsWith(`${directory}/`);
  const nameOf = (path: string): string => path.slice(directory.length + 1).split('/')[0] ?? '';
  const found = new Map<string, ConfigurationEntry>();
  for (const [path, entry] of placed) {
    if (!inside(path)) continue;
    const name = nameOf(path);
    if (posix.dirname(path) !== directory) found.set(name, { name, kind: 'directory', content: undefined });
    else if (entry.kind === 'file') found.set(name, { name, kind: 'file', content: entry.content });
    else found.set(name, { name, kind: 'link', content: Buffer.alloc(0) });
  }
  return {
    generated: [...generated].flatMap(([path, { text }]) =>
      inside(path) ? [{ name: nameOf(path), kind: 'file' as const, content: Buffer.from(text) }] : [],
    ),
    placed: [...found.values()],
  };
}
