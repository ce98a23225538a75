/** The seeds' upgrade through Argo Workflows, with the chart's own accounts, and what these accounts may do. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { type Access, allowedOf, describeAccess } from '../driver/account-rights.ts';
import { ArgoDriver, kataNamespace } from '../driver/argo.ts';
import { podFailingOn } from '../driver/failing-pod.ts';
import type { KubernetesObject } from '../driver/helm-chart.ts';
import { LabDriver } from '../driver/lab-driver.ts';
import { verificationPod } from '../driver/lifecycle.ts';
import { monitor } from '../driver/monitor.ts';

const lab = new LabDriver('test-lifecycle-argo');
const argo = new ArgoDriver(lab);
const account = (step: 'node' | 'helm'): string => `system:serviceaccount:argo:kata-upgrade-${step}`;

interface ApiResource {
  readonly kind: string;
  readonly group: string;
  readonly name: string;
  readonly isNamespaced: boolean;
}

/** The kinds that the API server knows, in `GROUP/VERSION`. */
async function apiResources(groupVersions: readonly string[]): Promise<readonly ApiResource[]> {
  const found: ApiResource[] = [];
  for (const groupVersion of groupVersions) {
    const path = groupVersion.includes('/') ? `/apis/${groupVersion}` : `/api/${groupVersion}`;
    const { resources } = JSON.parse(await lab.kubectl(['get', '--raw', path])) as {
      readonly resources: readonly {
        readonly name: string;
        readonly kind: string;
        readonly namespaced: boolean;
      }[];
    };
    const group = groupVersion.includes('/') ? (groupVersion.split('/')[0] ?? '') : '';
    for (const { name, kind, namespaced } of resources) {
      if (!name.includes('/')) found.push({ kind, group, name, isNamespaced: namespaced });
    }
  }
  return found;
}

/** What the chart of kata-deploy renders, as Helm applies it. */
async function renderInstaller(version: string): Promise<string> {
  const { registry } = JSON.parse(await lab.lab(['status', '--output', 'json'])) as {
    readonly registry: string;
  };
  return await lab.lab([
    ...['helm', 'template', 'kata-deploy', `oci://${registry}/charts/kata-deploy`, '--plain-http'],
    ...['--version', version, '--namespace', kataNamespace],
    ...['--set', 'image.reference=registry.lab:5000/kata-deploy'],
  ]);
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
  const versions = [...new Set(objects.map(({ apiVersion }) => String(apiVersion)))];
  const resources = await apiResources(versions);
  const accesses = objects.flatMap(({ kind, apiVersion, metadata }) => {
    const resource = resources.find((one) => one.kind === kind && String(apiVersion).startsWith(one.group));
    if (resource === undefined) throw new Error(`the API server has no ${kind}`);
    const { group, name, isNamespaced } = resource;
    const where = isNamespaced ? { namespace: metadata.namespace ?? kataNamespace } : {};
    return ['get', 'create', 'patch', 'delete'].map((verb) => ({
      ...{ verb, group, resource: name, ...where },
      ...(verb === 'create' ? {} : { name: metadata.name }),
    }));
  });

  const allowed = await allowedOf(lab, account('helm'), accesses);

  expect(accesses.length).toBeGreaterThan(60);
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
