/** All files on disk that containerd may read: read once, as plain data, so that edits can be tried on them. */
import type { Host, HostFiles, HostPath } from '@kata/host';
import type { FileEdit } from '../contract.ts';
import { type FileText, readText } from '../toml/read-text.ts';
import { cleanPath, globFiles, matchesGlob } from './go-glob.ts';

/** `hidden`: outside the parts of the machine that are mounted into this container. */
export type Content = FileText | { readonly kind: 'hidden' };

export interface Snapshot {
  readonly contents: ReadonlyMap<HostPath, Content>;
  /** The matches of each pattern; undefined when it is malformed, `hidden` when its directory is not mounted. */
  readonly globs: ReadonlyMap<HostPath, readonly HostPath[] | 'hidden' | undefined>;
}

export const emptySnapshot: Snapshot = { contents: new Map(), globs: new Map() };

/** The kernel's limit. */
const maximumLinks = 40;

/** Only an import with an asterisk is a pattern. */
export function isPattern(path: HostPath): boolean {
  return path.includes('*');
}

/** What must be read. The name of a file may also have an asterisk, and is not a pattern then. */
export interface Wanted {
  readonly files: readonly HostPath[];
  readonly patterns: readonly HostPath[];
}

/** Adds these to the snapshot. `seen`: directories that are certainly mounted. */
export async function readMore(
  host: Pick<Host, 'files' | 'isPartial'>,
  snapshot: Snapshot,
  { files, patterns }: Wanted,
  seen: readonly HostPath[],
): Promise<Snapshot> {
  const contents = new Map(snapshot.contents);
  const globs = new Map(snapshot.globs);
  const isSeen = async (path: HostPath): Promise<boolean> => {
    if (!host.isPartial) return true;
    const place = await leadsTo(host.files, path);
    return seen.some((folder) => place.startsWith(`${folder}/`));
  };
  for (const pattern of patterns) {
    const found = await globFiles(host.files, pattern);
    globs.set(pattern, found?.length === 0 && !(await isSeen(pattern)) ? 'hidden' : found);
  }
  for (const path of files) {
    const content = await readText(host.files, path);
    contents.set(path, content.kind === 'absent' && !(await isSeen(path)) ? { kind: 'hidden' } : content);
  }
  return { contents, globs };
}

/** Follows links in the path, as far as they are mounted. */
async function leadsTo(files: Pick<HostFiles, 'info'>, path: HostPath): Promise<HostPath> {
  let place: HostPath | '' = '';
  let rest: readonly string[] = path.split('/').slice(1);
  for (let links = 0; rest.length > 0 && links < maximumLinks;) {
    const [name = '', ...below] = rest;
    const next: HostPath = `${place}/${name}`;
    const { target } = (await files.info(next)) ?? {};
    if (target === undefined) [place, rest] = [next, below];
    else {
      links += 1;
      [place, rest] = ['', [...cleanPath(`${place}/`, target).split('/').slice(1), ...below]];
    }
  }
  return `/${[...place.split('/').slice(1), ...rest].join('/')}`;
}

/** The snapshot after the edits. */
export function withEdits(snapshot: Snapshot, edits: readonly Pick<FileEdit, 'path' | 'after'>[]): Snapshot {
  const contents = new Map(snapshot.contents);
  for (const { path, after } of edits) {
    contents.set(path, after === undefined ? { kind: 'absent' } : { kind: 'text', text: after });
  }
  const globs = new Map(snapshot.globs);
  for (const [pattern, found] of globs) {
    if (found === undefined) continue;
    const changed = edits.filter(({ path }) => matchesGlob(pattern, path) === true);
    if (changed.length === 0) continue;
    const present = new Set(found === 'hidden' ? [] : found);
    for (const { path, after } of changed) {
      if (after === undefined) present.delete(path);
      else present.add(path);
    }
    globs.set(pattern, [...present].toSorted(byFolders));
  }
  return { contents, globs };
}

/** In Go's order: by directory, then by name. */
function byFolders(a: string, b: string): number {
  const [left, right] = [a.split('/'), b.split('/')];
  const place = left.findIndex((part, i) => part !== right[i]);
  return (left[place] ?? '') < (right[place] ?? '') ? -1 : 1;
}
