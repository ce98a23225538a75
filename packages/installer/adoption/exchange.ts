/** Puts a link in the place of a file or directory so that the path leads somewhere at every instant, and back. */
import type { HostFiles, HostPath } from '@kata/host';

/** Where what was in the link's place stands until the run has succeeded. */
export const backupSuffix = '.kata-former';

export function backupPath(path: HostPath): HostPath {
  return `${path}${backupSuffix}`;
}

export async function exchangeForLink(files: HostFiles, path: HostPath, target: string): Promise<void> {
  if ((await files.info(path))?.kind === 'link') return;
  await files.setLink(backupPath(path), target);
  await files.exchange(backupPath(path), path);
}

/** From wherever it came to. */
export async function exchangeBack(files: HostFiles, path: HostPath): Promise<void> {
  const former = backupPath(path);
  const info = await files.info(former);
  if (info === undefined) return;
  if (info.kind !== 'link') await files.exchange(former, path);
  await files.remove(former);
}
