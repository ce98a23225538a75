/** Files of another installer outside its installation: backups of the engine's files, and wrappers of shims. */
import type { FoundHandler } from '@kata/engines';
import type { HostFiles, HostPath } from '@kata/host';
import { posix } from 'node:path';
import type { Leftover } from './upstream.ts';

const wrappersDirectory: HostPath = '/usr/local/bin';
/** More than a shell script takes; a shim takes megabytes. */
const largestWrapperBytes = 16_384;

/** Upstream's marker next to a file that did not exist before it was installed. */
export const markerSuffix = '.kata-deploy-created';

export async function findLeftovers(
  files: HostFiles,
  prefix: HostPath,
  found: readonly FoundHandler[],
): Promise<readonly Leftover[]> {
  // A backup of a file without handlers was not made by the installer.
  const edited = new Set(found.filter((handler) => !handler.isDropIn).map((handler) => handler.file));
  const paths = [...edited].flatMap((path): HostPath[] => [`${path}.bak`, `${path}${markerSuffix}`]);
  const leftovers: Leftover[] = [];
  for (const path of [...paths, ...(await findWrappers(files, prefix))]) {
    const content = await contentOf(files, path);
    if (content !== undefined) leftovers.push({ path, content });
  }
  return leftovers;
}

/** Leaves out files that were changed since. */
export async function stillThere(
  files: HostFiles,
  leftovers: readonly Leftover[],
): Promise<readonly Leftover[]> {
  const found: Leftover[] = [];
  for (const leftover of leftovers) {
    if ((await contentOf(files, leftover.path)) === leftover.content) found.push(leftover);
  }
  return found;
}

async function findWrappers(files: HostFiles, prefix: HostPath): Promise<readonly HostPath[]> {
  const names = (await files.list(wrappersDirectory)).filter((name) =>
    /^containerd-shim-kata-(.+-)?v2$/.test(name),
  );
  const found: HostPath[] = [];
  for (const name of names) {
    const path: HostPath = `${wrappersDirectory}/${name}`;
    if (await leadsInto(files, prefix, path, names)) found.push(path);
  }
  return found;
}

async function leadsInto(
  files: HostFiles,
  prefix: HostPath,
  path: HostPath,
  wrappers: readonly string[],
): Promise<boolean> {
  const info = await files.info(path);
  if (info?.kind === 'link') {
    const target = posix.resolve(wrappersDirectory, info.target ?? '') as HostPath;
    if (target.startsWith(`${prefix}/`)) return true;
    const isWrapper = target !== path && wrappers.some((name) => target === `${wrappersDirectory}/${name}`);
    return isWrapper && (await files.info(target))?.kind === 'file'
      ? await leadsInto(files, prefix, target, [])
      : false;
  }
  if (info?.kind !== 'file' || info.size > largestWrapperBytes) return false;
  return (await files.read(path))?.toString('utf8').includes(`${prefix}/`) === true;
}

async function contentOf(files: HostFiles, path: HostPath): Promise<string | undefined> {
  const info = await files.info(path);
  if (info?.kind === 'link') return `link ${info.target ?? ''}`;
  return info?.kind === 'file' ? await files.digest(path) : undefined;
}
