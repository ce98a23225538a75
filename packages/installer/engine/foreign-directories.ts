/** Directories that other installations on this node created, by their records: the last installation removes shared ones. */
import { posix } from 'node:path';
import { KataError } from '@kata/core';
import type { ForeignHandler } from '@kata/engines';
import type { Host, HostPath } from '@kata/host';
import { readRecord } from '../state/record.ts';

/** Finds an installation by the shims that the engine starts from it. Parents come first. */
export async function foreignDirectories(
  host: Host,
  others: readonly ForeignHandler[],
): Promise<readonly HostPath[]> {
  const found: HostPath[] = [];
  for (const prefix of new Set(others.flatMap(({ shimPath }) => parentsOf(shimPath)))) {
    try {
      found.push(...((await readRecord(host, prefix))?.directories ?? []));
    } catch (error) {
      // A damaged record is reported by its own installation.
      if (!(error instanceof KataError)) throw error;
    }
  }
  return found;
}

function parentsOf(path: HostPath): readonly HostPath[] {
  const parent = posix.dirname(path) as HostPath;
  return parent === '/' ? [] : [parent, ...parentsOf(parent)];
}
