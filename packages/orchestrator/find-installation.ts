/** Finds the DaemonSet of a Helm release of kata-deploy, which tells the suffix of its installation. */
import { exitCodes, KataError } from '@kata/core';
import { type ApiRequests } from '@kata/kube';
import { listDaemonSets } from '@kata/kube/fleet';
import type { Installation } from './context.ts';

const namePattern = /^kata-deploy(?:-(.+))?$/;

export interface ReleaseReference {
  readonly namespace: string;
  readonly release: string;
}

/** `mayBeRemoved`: without a DaemonSet, the default one is returned. @throws KataError `KATA_LIFECYCLE_NO_INSTALLATION` */
export async function findInstallation(
  api: ApiRequests,
  { namespace, release }: ReleaseReference,
  { mayBeRemoved = false }: { readonly mayBeRemoved?: boolean } = {},
): Promise<Installation> {
  const labelSelector = `app.kubernetes.io/instance=${release}`;
  const found = (await listDaemonSets(api, { namespace, labelSelector })).flatMap(({ name }) => {
    const match = namePattern.exec(name);
    return match === null ? [] : { namespace, release, daemonSet: name, suffix: match[1] ?? '' };
  });
  const [installation, another] = found;
  if (installation !== undefined && another === undefined) return installation;
  if (found.length === 0 && mayBeRemoved) return { namespace, release, daemonSet: 'kata-deploy', suffix: '' };
  throw new KataError(
    'KATA_LIFECYCLE_NO_INSTALLATION',
    `namespace "${namespace}" has ${found.length === 0 ? 'no' : 'more than one'} DaemonSet of kata-deploy from the Helm release "${release}"`,
    {
      exitCode: exitCodes.precondition,
      hint: 'list the releases: helm list --all-namespaces; then name yours: --release, --namespace',
    },
  );
}
