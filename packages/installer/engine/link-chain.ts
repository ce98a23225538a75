/** Follows links in the last part of a path, step by step. */
import { posix } from 'node:path';
import type { FileInfo, HostFiles, HostPath } from '@kata/host';

/** The limit of the kernel. */
const maximumLinks = 40;

export interface LinkStep {
  readonly path: HostPath;
  /** Undefined when there is nothing. */
  readonly info: FileInfo | undefined;
}

/** The path first; the last step is not a link unless they form a circle. */
export async function linkChain(
  files: Pick<HostFiles, 'info'>,
  path: HostPath,
): Promise<readonly [LinkStep, ...LinkStep[]]> {
  let step: LinkStep = { path, info: await files.info(path) };
  const chain: [LinkStep, ...LinkStep[]] = [step];
  for (let count = 0; count < maximumLinks && step.info?.kind === 'link'; count += 1) {
    const target = step.info.target ?? '';
    // Not normalized: `..` is resolved after links.
    const next = target.startsWith('/')
      ? (target as HostPath)
      : (`${posix.dirname(step.path) as HostPath}/${target}` as const);
    step = { path: next, info: await files.info(next) };
    chain.push(step);
  }
  return chain;
}
