/** Service account, ClusterRole and binding, which outlive the release: the role owns the other two, and goes last. */
import { orUndefined } from './api-failure.ts';
import type { Send } from './api-requests.ts';
import { jsonPatchType } from './json-patch.ts';
import { objectSchema } from './objects.ts';

/** All three have one name. */
export interface RightsNames {
  readonly namespace: string;
  readonly name: string;
}

const group = '/apis/rbac.authorization.k8s.io/v1';

export async function ownRights(send: Send, names: RightsNames): Promise<boolean> {
  const role = await readObject(send, rolePath(names));
  if (role === undefined) return false;
  const owner = {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    name: names.name,
    uid: role.metadata.uid,
  };
  const paths = [
    `/api/v1/namespaces/${names.namespace}/serviceaccounts/${names.name}`,
    `${group}/clusterrolebindings/${names.name}`,
  ];
  let changed = false;
  for (const path of paths) changed = (await setOwner(send, path, owner)) || changed;
  return changed;
}

/** The ClusterRole as it was seen: one that was made, or changed, since is that of a new release. */
export interface SeenRights {
  readonly uid: string;
  readonly resourceVersion: string;
}

export async function readRights(send: Send, names: RightsNames): Promise<SeenRights | undefined> {
  const role = await readObject(send, rolePath(names));
  if (role === undefined) return undefined;
  const { uid, resourceVersion } = role.metadata;
  return { uid, resourceVersion };
}

export async function deleteRights(send: Send, names: RightsNames, seen: SeenRights): Promise<boolean> {
  const deletion = send({
    method: 'DELETE',
    path: rolePath(names),
    body: {
      apiVersion: 'v1',
      kind: 'DeleteOptions',
      propagationPolicy: 'Background',
      preconditions: seen,
    },
  });
  // Two nodes may find at the same time that they are the last.
  return (await orUndefined(orUndefined(deletion), 409)) !== undefined;
}

async function setOwner(send: Send, path: string, owner: { readonly uid: string }): Promise<boolean> {
  const object = await readObject(send, path);
  if (object === undefined) return false;
  const { uid, resourceVersion, ownerReferences } = object.metadata;
  if (ownerReferences.some((reference) => reference.uid === owner.uid)) return false;
  await send({
    method: 'PATCH',
    path,
    contentType: jsonPatchType,
    body: [
      { op: 'test', path: '/metadata/uid', value: uid },
      { op: 'test', path: '/metadata/resourceVersion', value: resourceVersion },
      // An owner that is no more would let the collector take it at once.
      { op: 'add', path: '/metadata/ownerReferences', value: [owner] },
    ],
  });
  return true;
}

async function readObject(
  send: Send,
  path: string,
): Promise<ReturnType<typeof objectSchema.parse> | undefined> {
  const answer = await orUndefined(send({ method: 'GET', path }));
  return answer === undefined ? undefined : objectSchema.parse(answer);
}

function rolePath({ name }: RightsNames): string {
  return `${group}/clusterroles/${name}`;
}
