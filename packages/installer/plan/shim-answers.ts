/** Whether shims of two releases answer the engine alike. Pure. */
import type { ReleaseManifest } from '@kata/artifacts';

export interface ShimBinary {
  readonly sha256: string;
  /** Digest of its answer to `-info`; undefined when it was not asked. */
  readonly info: string | undefined;
}

/** By path in the release. */
export type ShimBinaries = ReadonlyMap<string, ShimBinary>;

export function shimsOf({ entries, shimInfo = {} }: ReleaseManifest): ShimBinaries {
  const found = new Map<string, ShimBinary>();
  for (const entry of entries) {
    const { path } = entry;
    if (entry.kind === 'file' && /(^|\/)containerd-shim-[^/]*$/.test(path))
      found.set(path, { sha256: entry.sha256, info: shimInfo[path] });
  }
  return found;
}

/** The same program answers the same; an answer that is not known counts as another. */
export function answerAlike(a: ShimBinary, b: ShimBinary): boolean {
  return a.sha256 === b.sha256 || (a.info !== undefined && a.info === b.info);
}
