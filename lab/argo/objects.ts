/** The objects of an Argo installation: its own CRDs and roles, and what its installer would add. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { waitFor } from '@kata/core';
import type { LabPlace } from '../lab.ts';
import { kubectl } from '../lifecycle/api-client.ts';

export const argoNamespace = 'argo';
export const controllerAccount = 'argo';

/** Applies them by kustomize, as `kubectl apply -k` does for users, but without the Deployments. */
export async function applyArgoObjects(place: LabPlace): Promise<void> {
  const directory = join(place.directory, 'argo');
  await mkdir(directory, { recursive: true });
  const write = async (name: string, content: unknown): Promise<void> => {
    await writeFile(join(directory, name), JSON.stringify(content, undefined, 2));
  };
  await write('kustomization.yaml', kustomization);
  for (const [name, object] of Object.entries(ownObjects)) await write(name, object);
  // A controller of the API server creates the roles to which Argo's are added: they may come a moment after it is ready.
  await waitFor(
    { what: "Argo's objects", timeoutMs: 60_000 },
    async () => await kubectl(place, ['apply', '--server-side', `--kustomize=${directory}`]),
  );
}

const manifests = '../tools/argo/manifests';

const ownObjects = {
  'namespace.json': { apiVersion: 'v1', kind: 'Namespace', metadata: { name: argoNamespace } },
  'account.json': { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: controllerAccount } },
  'configuration.json': {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'workflow-controller-configmap' },
  },
  // What Argo's executor needs in every pod of a workflow, here for workflows without a ServiceAccount of their own.
  'executor-role.json': {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'Role',
    metadata: { name: 'executor' },
    rules: [{ apiGroups: ['argoproj.io'], resources: ['workflowtaskresults'], verbs: ['create', 'patch'] }],
  },
  'executor-binding.json': {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata: { name: 'executor-default' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'executor' },
    subjects: [{ kind: 'ServiceAccount', name: 'default' }],
  },
};

const kustomization = {
  apiVersion: 'kustomize.config.k8s.io/v1beta1',
  kind: 'Kustomization',
  namespace: argoNamespace,
  resources: [
    // The small ones, as Argo's own installation.
    `${manifests}/base/crds/minimal`,
    `${manifests}/cluster-install-no-crds/workflow-controller-rbac`,
    ...Object.keys(ownObjects),
  ],
};
