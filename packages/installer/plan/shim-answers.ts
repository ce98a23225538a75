/** Whether shims of two releases give the engine the same answer. Pure. */
import type { ReleaseManifest } from '@kata/artifacts';

export interface ShimBinary {
  readonly sha256: string;
  /** Digest of its answer to `-info`; undefined when unknown. */
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

/** The same program gives the same answer; an unknown answer counts as different. */
export function answerAlike(a: ShimBinary, b: ShimBinary): boolean {
  return a.sha256 === b.sha256 || (a.info !== undefined && a.info === b.info);
}
