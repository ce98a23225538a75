/** Says which entries that an administrator put into a `config.d` Kata would start no pod with. Pure. */
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

/** They are carried over as they are: whoever put them there may have others in mind. */
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
  // What is shipped is not for an administrator to mend.
  const shipped = new Set(refusals([]).map(({ message }) => message));
  return refusals(entries.placed).flatMap(({ entry, message }) =>
    entry === undefined || shipped.has(message)
      ? []
      : [`${directory}/${entry} ${message}: ${name} starts no pod until that is fixed`],
  );
}

function textAt({ generated, placed }: Release['contents'], path: string): string | undefined {
  const found = placed.get(path);
  if (found?.kind === 'file') return Buffer.from(found.content).toString('utf8');
  return generated.get(path)?.text;
}

/** What a link leads to is not looked at here: of those only Rust, which takes none, is told. */
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
