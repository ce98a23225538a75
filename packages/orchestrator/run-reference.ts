/** How one step of a workflow names the run to the next: with its installation, so that a pod needs no other parameter. */
import { exitCodes, KataError } from '@kata/core';
import type { ReleaseReference } from './find-installation.ts';

export interface RunReference {
  readonly release: ReleaseReference;
  readonly run: string;
}

export function formatRunReference({ release, run }: RunReference): string {
  return `${release.namespace}/${release.release}/${run}`;
}

/** @throws KataError `KATA_LIFECYCLE_RUN_NAME` */
export function parseRunReference(text: string): RunReference {
  const [namespace = '', release = '', run = '', ...more] = text.split('/');
  if (namespace !== '' && release !== '' && run !== '' && more.length === 0) {
    return { release: { namespace, release }, run };
  }
  throw new KataError('KATA_LIFECYCLE_RUN_NAME', `"${text}" does not name a run`, {
    exitCode: exitCodes.usage,
    hint: 'give what "kata-lifecycle step plan" wrote into the file run: NAMESPACE/RELEASE/RUN',
  });
}
