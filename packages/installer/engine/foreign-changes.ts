/** Which of the engine's files others changed since its start; for a person only, nothing is decided by it. */
import type { Host, HostPath } from '@kata/host';
import { linkChain } from './link-chain.ts';
import type { OwnershipRecord } from '../state/record.ts';

/** Files whose text is not as we left it, and that changed since then by their times; those may lie, and one after now says nothing. */
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

/** Of the path and of what it leads to: a link may be set anew, and its target edited. */
async function changedAt(host: Host, path: HostPath): Promise<number> {
  const chain = await linkChain(host.files, path);
  return Math.max(...chain.map(({ info }) => info?.modifiedMs ?? 0));
}
