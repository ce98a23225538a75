/** The engine's files that others changed since its start; shown to users, no decision depends on it. */
import type { Host, HostPath } from '@kata/host';
import { linkChain } from './link-chain.ts';
import type { OwnershipRecord } from '../state/record.ts';

/** Files whose text differs from what we wrote, and that are newer than the start. Times in the future are ignored. */
export async function foreignChanges(
  host: Host,
  paths: readonly HostPath[],
  { files }: OwnershipRecord,
  startedAtMs: number | undefined,
): Promise<readonly HostPath[]> {
  if (startedAtMs === undefined) return [];
  const nowMs = host.now().getTime();
  const changed: HostPath[] = [];
  for (const path of paths) {
    const modifiedMs = await changedAt(host, path);
    if (modifiedMs <= startedAtMs || modifiedMs > nowMs) continue;
    const left = files.find((file) => file.path === path)?.leftSha256;
    if (left === undefined || (await host.files.digest(path)) !== left) changed.push(path);
  }
  return changed;
}

/** The latest change of the path or its target: a link may be replaced, or its target edited. */
async function changedAt(host: Host, path: HostPath): Promise<number> {
  const chain = await linkChain(host.files, path);
  return Math.max(...chain.map(({ info }) => info?.modifiedMs ?? 0));
}
