/** ServiceAccount, ClusterRole and binding that outlive the release: the role owns the other two. */
import { isConflict, orUndefined } from './api-failure.ts';
import type { Send } from './api-requests.ts';
import { jsonPatchType } from './json-patch.ts';
import { objectSchema } from './objects.ts';

/** All three have this name. */
export interface RbacNames {
  readonly namespace: string;
  readonly name: string;
}

const group = '/apis/rbac.authorization.k8s.io/v1';

export async function ownRbac(send: Send, names: RbacNames): Promise<boolean> {
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

/** Version of the ClusterRole: one that was created or changed later belongs to a new release. */
export interface RbacVersion {
  readonly uid: string;
  readonly resourceVersion: string;
}

export async function readRbac(send: Send, names: RbacNames): Promise<RbacVersion | undefined> {
  const role = await readObject(send, rolePath(names));
  if (role === undefined) return undefined;
  const { uid, resourceVersion } = role.metadata;
  return { uid, resourceVersion };
}

export async function deleteRbac(send: Send, names: RbacNames, seen: RbacVersion): Promise<boolean> {
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
  // Two nodes may be the last at the same time.
  return (await orUndefined(orUndefined(deletion), isConflict)) !== undefined;
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
      // Replaces the list: an owner that no longer exists would let the garbage collector delete the object.
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

function rolePath({ name }: RbacNames): string {
  return `${group}/clusterroles/${name}`;
}
