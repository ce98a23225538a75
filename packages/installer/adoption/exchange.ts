/** Replaces a file or directory with a link atomically, so that the path resolves at every instant, and reverts that. */
import type { HostFiles, HostPath } from '@kata/host';

/** The original is kept under this suffix as a backup until the run has succeeded. */
export const backupSuffix = '.kata-former';

export function backupPath(path: HostPath): HostPath {
  return `${path}${backupSuffix}`;
}

export async function exchangeForLink(files: HostFiles, path: HostPath, target: string): Promise<void> {
  if ((await files.info(path))?.kind === 'link') return;
  await files.setLink(backupPath(path), target);
  await files.exchange(backupPath(path), path);
}

/** Also after an exchange that was interrupted. */
export async function exchangeBack(files: HostFiles, path: HostPath): Promise<void> {
  const backup = backupPath(path);
  const info = await files.info(backup);
  if (info === undefined) return;
  if (info.kind !== 'link') await files.exchange(backup, path);
  await files.remove(backup);
}
