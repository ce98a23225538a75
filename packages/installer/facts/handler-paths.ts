/** Maps paths of a handler in the engine's configuration to files of a release. Pure. */
import { posix } from 'node:path';
import type { HostPath } from '@kata/host';
import { type Handler, releaseDirectory } from '@kata/kata';

/** Kata's loader in Rust refuses links in a `config.d`. */
export function readsLinks(prefix: HostPath, { shimPath }: Handler): boolean {
  return !shimPath.startsWith(`${prefix}/runtime-rs/`);
}

/** The file behind a stable path while a release is active; a path outside the installation, such as a wrapper, is the same in all. */
export function insideRelease(prefix: HostPath, id: string, path: HostPath): HostPath {
  if (!path.startsWith(`${prefix}/`)) return path;
  return `${releaseDirectory(prefix, id)}${path.slice(prefix.length) as HostPath}`;
}

/** The release that a link points to. */
export function releaseOf(target: string | undefined): string | undefined {
  return target === undefined ? undefined : posix.basename(target);
}
