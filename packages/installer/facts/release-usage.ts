/** The size of each release in the store, and what needs it. */
import { releaseDirectory, type Store } from '@kata/artifacts';
import type { HostFiles, HostPath } from '@kata/host';
import type { NodeFacts } from './facts.ts';
import { sandboxesOf } from './release-needs.ts';

export interface ReleaseUsage {
  readonly id: string;
  readonly version: string | null;
  readonly role: 'current' | 'rollback target' | null;
  /** Bytes that its removal would free. */
  readonly ownBytes: number;
  /** Bytes in files that it shares with other releases. */
  readonly sharedBytes: number;
  /** Ids of running sandboxes that may still use it. */
  readonly sandboxes: readonly string[];
  /** Why its manifest cannot be used. */
  readonly damaged: string | null;
}

export async function measureReleases(store: Store, facts: NodeFacts): Promise<readonly ReleaseUsage[]> {
  const usages: ReleaseUsage[] = [];
  for (const id of [...facts.releases.keys(), ...facts.damaged.keys()].toSorted()) {
    const sizes = await measureTree(store.files, releaseDirectory(store, id));
    usages.push({
      id,
      version: facts.releases.get(id)?.version ?? null,
      role: roleOf(id, facts),
      ...sizes,
      sandboxes: sandboxesOf(id, facts),
      damaged: facts.damaged.get(id) ?? null,
    });
  }
  return usages;
}

function roleOf(id: string, { record }: NodeFacts): ReleaseUsage['role'] {
  if (record?.current === id) return 'current';
  return record?.previous === id ? 'rollback target' : null;
}

export async function measureTree(
  files: HostFiles,
  directory: HostPath,
): Promise<Pick<ReleaseUsage, 'ownBytes' | 'sharedBytes'>> {
  let [ownBytes, sharedBytes] = [0, 0];
  for (const name of await files.list(directory)) {
    const path: HostPath = `${directory}/${name}`;
    const info = await files.info(path);
    if (info?.kind === 'directory') {
      const below = await measureTree(files, path);
      ownBytes += below.ownBytes;
      sharedBytes += below.sharedBytes;
    } else if (info?.kind === 'file') {
      if (info.linkCount > 1) sharedBytes += info.size;
      else ownBytes += info.size;
    }
  }
  return { ownBytes, sharedBytes };
}
