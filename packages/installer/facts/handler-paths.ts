/** Where the files of a handler are, by the paths that the engine knows. Pure. */
import { posix } from 'node:path';
import type { HostPath } from '@kata/host';
import { type Handler, releaseDirectory } from '@kata/kata';

/** Kata's loader in Rust refuses links in a `config.d`. */
export function readsLinks(prefix: HostPath, { shimPath }: Handler): boolean {
  return !shimPath.startsWith(`${prefix}/runtime-rs/`);
}

/** Where a path that stays leads while a release is in force; one elsewhere is the same in all, such as a wrapper's. */
export function insideRelease(prefix: HostPath, id: string, path: HostPath): HostPath {
  if (!path.startsWith(`${prefix}/`)) return path;
  return `${releaseDirectory(prefix, id)}${path.slice(prefix.length) as HostPath}`;
}

/** The release that a link of the installation leads to. */
export function releaseOf(target: string | undefined): string | undefined {
  return target === undefined ? undefined : posix.basename(target);
}
