/** What a payload becomes on a node when some of its components are installed: one tree with one id. Pure. */
import { createHash } from 'node:crypto';
import { compareText } from './compare-text.ts';
import { payloadError } from './payload-error.ts';
import type { PayloadComponent, PayloadEntry, PayloadManifest } from './payload.ts';
import { parentsOf } from './safe-path.ts';

export type ReleaseEntry = PayloadEntry & {
  /** The component that it comes from. */
  readonly component: string;
};

/** Also the file `manifest.json` at the top of a release. */
export interface ReleaseManifest {
  readonly schema: 1;
  /** `<version>-<8 hexadecimal digits of its content>` */
  readonly id: string;
  readonly version: string;
  readonly architecture: string;
  /** Sorted by path; parents are there, too. */
  readonly entries: readonly ReleaseEntry[];
  /** See `PayloadManifest`. */
  readonly shimInfo?: Readonly<Record<string, string>> | undefined;
}

/** Puts the trees of the components together; all of them when none are named. */
export function chooseRelease(payload: PayloadManifest, names?: readonly string[]): ReleaseManifest {
  const entries = joinEntries(chooseComponents(payload, names));
  const { version, architecture, shimInfo } = payload;
  return {
    schema: 1,
    id: releaseId(version, entries),
    version,
    architecture,
    entries,
    ...(shimInfo === undefined ? {} : { shimInfo }),
  };
}

/** The same for the same tree, in whatever order and components it came. */
export function releaseId(version: string, entries: readonly PayloadEntry[]): string {
  const hash = createHash('sha256').update(`${version}\n`);
  for (const entry of entries.toSorted((a, b) => compareText(a.path, b.path))) {
    hash.update(`${JSON.stringify(contentOf(entry))}\n`);
  }
  return `${version}-${hash.digest('hex').slice(0, 8)}`;
}

export function isReleaseId(text: string): boolean {
  return /^[0-9A-Za-z][0-9A-Za-z.+_-]{0,53}-[0-9a-f]{8}$/.test(text);
}

function contentOf(entry: PayloadEntry): readonly (string | number)[] {
  switch (entry.kind) {
    case 'file':
      return [entry.path, entry.kind, entry.mode, entry.sha256];
    case 'link':
      return [entry.path, entry.kind, entry.target];
    case 'directory':
      return [entry.path, entry.kind, entry.mode];
  }
}

function chooseComponents(
  payload: PayloadManifest,
  names: readonly string[] | undefined,
): readonly PayloadComponent[] {
  const chosen = new Set(names ?? payload.components.map((component) => component.name));
  const found = payload.components.filter((component) => chosen.delete(component.name));
  const [unknown] = chosen;
  if (unknown === undefined) return found.toSorted((a, b) => compareText(a.name, b.name));
  throw payloadError('KATA_PAYLOAD_COMPONENT_UNKNOWN', `the payload has no component ${unknown}`, {
    component: unknown,
    hint: `it has ${payload.components.map((component) => component.name).join(', ')}`,
  });
}

function joinEntries(components: readonly PayloadComponent[]): readonly ReleaseEntry[] {
  const tree = new Map<string, ReleaseEntry>();
  for (const { name, entries } of components) {
    for (const entry of entries) addEntry(tree, { ...entry, component: name });
  }
  for (const entry of [...tree.values()]) addParents(tree, entry);
  return [...tree.values()].toSorted((a, b) => compareText(a.path, b.path));
}

function addEntry(tree: Map<string, ReleaseEntry>, entry: ReleaseEntry): void {
  const other = tree.get(entry.path);
  if (other === undefined) {
    tree.set(entry.path, entry);
    return;
  }
  if (other.kind === 'directory' && entry.kind === 'directory') {
    tree.set(entry.path, { ...other, mode: other.mode & entry.mode });
    return;
  }
  if (String(contentOf(other)) === String(contentOf(entry))) return;
  throw conflict(entry, `differs from that of component ${other.component}`);
}

function addParents(tree: Map<string, ReleaseEntry>, entry: ReleaseEntry): void {
  for (const path of parentsOf(entry.path)) {
    const parent = tree.get(path);
    if (parent === undefined) {
      tree.set(path, { kind: 'directory', path, mode: 0o755, component: entry.component });
    } else if (parent.kind !== 'directory') {
      throw conflict(entry, `stands below the ${parent.kind} ${path} of component ${parent.component}`);
    }
  }
}

function conflict(entry: ReleaseEntry, how: string): Error {
  return payloadError('KATA_PAYLOAD_CONFLICT', `component ${entry.component}: ${entry.path} ${how}`, {
    component: entry.component,
    file: entry.path,
  });
}
