/** Merges the chosen components of a payload into one tree. Pure. */
import { compareText } from './compare-text.ts';
import { payloadError } from './payload-error.ts';
import type { PayloadComponent, PayloadEntry, PayloadManifest } from './payload.ts';
import { parentsOf } from './safe-path.ts';

export type ReleaseEntry = PayloadEntry & {
  readonly component: string;
};

export interface PayloadTree extends Pick<PayloadManifest, 'version' | 'architecture' | 'shimInfo'> {
  /** Sorted by path, with all parent directories. */
  readonly entries: readonly ReleaseEntry[];
}

/** `names`: of the components; left out: all. */
export function choosePayload(payload: PayloadManifest, names?: readonly string[]): PayloadTree {
  const entries = joinEntries(chooseComponents(payload, names));
  const { version, architecture, shimInfo } = payload;
  return { version, architecture, entries, ...(shimInfo === undefined ? {} : { shimInfo }) };
}

/** Two payload entries are equal when these values are. */
export function contentOf(entry: PayloadEntry): readonly (string | number)[] {
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
    hint: `its components are: ${payload.components.map((component) => component.name).join(', ')}`,
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
      throw conflict(entry, `is below the ${parent.kind} ${path} of component ${parent.component}`);
    }
  }
}

function conflict(entry: ReleaseEntry, how: string): Error {
  return payloadError('KATA_PAYLOAD_CONFLICT', `component ${entry.component}: ${entry.path} ${how}`, {
    component: entry.component,
    file: entry.path,
  });
}
