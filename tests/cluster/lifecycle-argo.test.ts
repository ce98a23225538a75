/** The seeds' upgrade through Argo Workflows, with the chart's own accounts, and what these accounts may do. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { type Access, allowedOf, describeAccess } from '../driver/account-rights.ts';
import { ArgoDriver, kataNamespace } from '../driver/argo.ts';
import { everyKind } from '../driver/every-kind.ts';
import { podFailingOn } from '../driver/failing-pod.ts';
import type { KubernetesObject } from '../driver/helm-chart.ts';
import { LabDriver } from '../driver/lab-driver.ts';
import { verificationPod } from '../driver/lifecycle.ts';
import { monitor } from '../driver/monitor.ts';

const lab = new LabDriver('test-lifecycle-argo');
const argo = new ArgoDriver(lab);
const account = (step: 'node' | 'helm'): string => `system:serviceaccount:argo:kata-upgrade-${step}`;

/** Group, name and scope of a kind, as the API server has them. */
async function readResource(apiVersion: string, kind: string): Promise<readonly [string, string, boolean]> {
  const isCore = !apiVersion.includes('/');
  const path = isCore ? `/api/${apiVersion}` : `/apis/${apiVersion}`;
  const { resources } = JSON.parse(await lab.kubectl(['get', '--raw', path])) as {
    readonly resources: readonly {
      readonly name: string;
      readonly kind: string;
      readonly namespaced: boolean;
    }[];
  };
  const found = resources.find((one) => one.kind === kind && !one.name.includes('/'));
  if (found === undefined) throw new Error(`the API server has no ${apiVersion} ${kind}`);
  return [isCore ? '' : (apiVersion.split('/')[0] ?? ''), found.name, found.namespaced];
}

/** What Helm does to an object: it is created, or deleted, when only one of two versions has it. */
async function accessesTo(objects: readonly KubernetesObject[]): Promise<readonly Access[]> {
  const known = new Map<string, readonly [string, string, boolean]>();
  const accesses: Access[] = [];
  for (const { kind, apiVersion, metadata } of objects) {
    const [group, resource, isNamespaced] = known.get(kind) ?? (await readResource(String(apiVersion), kind));
    known.set(kind, [group, resource, isNamespaced]);
    const where = isNamespaced ? { namespace: metadata.namespace ?? kataNamespace } : {};
    for (const verb of ['get', 'create', 'patch', 'delete']) {
      const name = verb === 'create' ? {} : { name: metadata.name };
      accesses.push({ verb, group, resource, ...name, ...where });
    }
  }
  return accesses;
}

/** What the chart of kata-deploy renders, as Helm applies it. */
async function renderInstaller(version: string): Promise<string> {
  const { registry } = JSON.parse(await lab.lab(['status', '--output', 'json'])) as {
    readonly registry: string;
  };
  return await lab.lab(
    [
      ...['helm', 'template', 'kata-deploy', `oci://${registry}/charts/kata-deploy`, '--plain-http'],
      ...['--version', version, '--namespace', kataNamespace, '--values', '-'],
    ],
    JSON.stringify({ ...everyKind, image: { reference: 'registry.lab:5000/kata-deploy' } }),
  );
}

beforeAll(async () => {
  await argo.begin(['containerd-2.4', 'containerd-2.2'], '3.24.0', podFailingOn('n2'));
});

afterAll(async () => {
  await lab.down();
});

test('rainy: the pod fails on the second node, which returns to its release, and the workflow fails', async () => {
  const { phase, name } = await argo.upgrade('3.25.0');

  expect(phase, await argo.logs(name)).toBe('Failed');
  expect(await monitor(lab)).toEqual(['n1 Ready true completed 3.25.0', 'n2 Ready true rolled-back 3.24.0']);
});

test('sunny: the same workflow with a pod that passes upgrades the rest', async () => {
  await argo.install(verificationPod('uname -a'));

  const { phase, name } = await argo.upgrade('3.25.0');

  expect(phase, await argo.logs(name)).toBe('Succeeded');
  expect(await monitor(lab)).toEqual(['n1 Ready true completed 3.25.0', 'n2 Ready true completed 3.25.0']);
});

test('the account of the Helm steps may do to each rendered object what Helm does, and nothing is an escalation', async () => {
  const rendered = await renderInstaller('3.24.0');
  const objects = parseAllDocuments(rendered).map((document) => document.toJS() as KubernetesObject);
  const accesses = await accessesTo(objects);

  const allowed = await allowedOf(lab, account('helm'), accesses);

  expect([...new Set(objects.map(({ kind }) => kind))].toSorted()).toEqual([
    ...['ClusterRole', 'ClusterRoleBinding', 'ConfigMap', 'DaemonSet', 'RuntimeClass', 'ServiceAccount'],
    ...['ValidatingAdmissionPolicy', 'ValidatingAdmissionPolicyBinding'],
  ]);
  expect(accesses.map(describeAccess).filter((line) => !allowed.includes(line))).toEqual([]);
  // The API server refuses a role with rights that its creator does not have.
  const applied = await lab.kubectl(
    ['apply', '--dry-run=server', '--filename=-', `--as=${account('helm')}`, '--output=name'],
    rendered,
  );
  expect(applied.trim().split('\n')).toHaveLength(objects.length);
});

test('neither account may do more: no secrets for the node steps, none outside of the namespace of Helm', async () => {
  const secrets: readonly Access[] = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete'].flatMap(
    (verb) =>
      [kataNamespace, 'argo', 'default', undefined].map((namespace) => ({
        ...{ verb, resource: 'secrets' },
        ...(namespace === undefined ? {} : { namespace }),
      })),
  );
  const others: readonly Access[] = [
    { verb: 'create', resource: 'pods', subresource: 'exec', namespace: kataNamespace },
    { verb: 'create', resource: 'serviceaccounts', subresource: 'token', namespace: kataNamespace },
    { verb: 'delete', resource: 'nodes', name: 'n1' },
    { verb: 'update', resource: 'nodes', name: 'n1' },
    { verb: 'patch', resource: 'pods', namespace: kataNamespace },
    { verb: 'delete', group: 'apps', resource: 'daemonsets', name: 'other', namespace: kataNamespace },
    { verb: 'patch', group: 'apps', resource: 'deployments', namespace: kataNamespace },
    { verb: 'escalate', group: 'rbac.authorization.k8s.io', resource: 'clusterroles' },
    { verb: 'bind', group: 'rbac.authorization.k8s.io', resource: 'clusterroles' },
    { verb: 'patch', group: 'rbac.authorization.k8s.io', resource: 'clusterroles', name: 'cluster-admin' },
    { verb: 'create', group: 'argoproj.io', resource: 'workflows', namespace: 'argo' },
    { verb: 'impersonate', resource: 'users' },
    { verb: '*', group: '*', resource: '*' },
  ];
  const needsHelm: readonly Access[] = [
    {
      ...{ verb: 'patch', group: 'apps', resource: 'daemonsets' },
      ...{ name: 'kata-deploy', namespace: kataNamespace },
    },
    { verb: 'create', group: 'rbac.authorization.k8s.io', resource: 'clusterroles' },
  ];

  expect(await allowedOf(lab, account('node'), [...secrets, ...others, ...needsHelm])).toEqual([]);
  expect(await allowedOf(lab, account('helm'), [...secrets, ...others, ...needsHelm])).toEqual([
    ...['get', 'list', 'create', 'update', 'delete'].map((verb) => `${verb} secrets in ${kataNamespace}`),
    ...needsHelm.map(describeAccess),
  ]);
});
