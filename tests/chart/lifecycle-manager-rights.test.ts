/** The rights of the two accounts: all that their steps need, and no more. What Helm needs is read from the chart kata-deploy. */
import { beforeAll, describe, expect, test } from 'vitest';
import { everyKind } from '../driver/every-kind.ts';
import { findHelm, HelmChart, type KubernetesObject } from '../driver/helm-chart.ts';
import { Rights } from './rights.ts';
import { withPod } from './lifecycle-values.ts';

let installer: HelmChart;
let chart: HelmChart;

beforeAll(async () => {
  const helm = await findHelm();
  installer = new HelmChart(helm);
  chart = new HelmChart(helm, 'kata-lifecycle-manager');
});

const rightsOf = async (account: string, values: object = {}): Promise<Rights> =>
  Rights.of(await chart.render(withPod(values)), `kata-${account}`);

/** What an upgrade of an object needs; it is created, or deleted, when only one of the two versions has it. */
const verbs = ['get', 'create', 'patch', 'delete'];

async function installerObjects(suffix: string): Promise<readonly KubernetesObject[]> {
  return await installer.render({ ...everyKind, env: { multiInstallSuffix: suffix } });
}

describe.each([[''], ['blue']])('the account of Helm, for the suffix "%s"', (suffix) => {
  const values = { multiInstallSuffix: suffix, defaults: { helmNamespace: 'kata' } };

  test('may upgrade every object of the installer', async () => {
    const rights = await rightsOf('helm', values);
    const objects = await installerObjects(suffix);

    expect([...new Set(objects.map(({ kind }) => kind))].toSorted()).toEqual([
      ...['ClusterRole', 'ClusterRoleBinding', 'ConfigMap', 'DaemonSet', 'RuntimeClass', 'ServiceAccount'],
      ...['ValidatingAdmissionPolicy', 'ValidatingAdmissionPolicyBinding'],
    ]);
    expect(objects.flatMap((object) => verbs.filter((verb) => !rights.allowObject(object, verb)))).toEqual(
      [],
    );
  });

  test('may give the installer its rights, because it has all of them', async () => {
    const rights = await rightsOf('helm', values);
    const role = (await installerObjects(suffix)).filter(({ kind }) => kind === 'ClusterRole');

    const missing = role.flatMap((object) => rights.missing(object));
    expect(role).toHaveLength(1);
    expect(missing).toEqual([]);
  });
});

test('of another installation, the account of Helm may change nothing that has a name of its own', async () => {
  const rights = await rightsOf('helm', { multiInstallSuffix: '', defaults: { helmNamespace: 'kata' } });
  const objects = await installerObjects('blue');

  const changeable = objects.filter((object) => rights.allowObject(object, 'delete'));
  expect([...new Set(changeable.map(({ kind }) => kind))]).toEqual(['RuntimeClass']);
});

test('a newer installer may need more: rules are added to the account of Helm only', async () => {
  const extraRules = [{ apiGroups: ['new.io'], resources: ['things'], verbs: ['create'] }];
  const may = async (account: string): Promise<boolean> =>
    (await rightsOf(account, { rbac: { extraRules } })).allow({
      group: 'new.io',
      resource: 'things',
      verb: 'create',
    });

  expect([await may('helm'), await may('node')]).toEqual([true, false]);
});

test("the account of the node steps has the seed's rights, what the steps cannot do without, and no secrets", async () => {
  expect((await rightsOf('node')).list()).toMatchInlineSnapshot(`
    [
      "apps/daemonsets: get list watch",
      "argo/argoproj.io/workflowtaskresults: create patch",
      "events: list",
      "kube-system/configmaps: get list patch",
      "kube-system/coordination.k8s.io/leases kata-lifecycle: get patch",
      "kube-system/coordination.k8s.io/leases: create",
      "nodes: get list watch patch",
      "pods/eviction: create",
      "pods/log: get",
      "pods: get list watch create delete",
      "policy/poddisruptionbudgets: get list",
    ]
  `);
});

test('the account of Helm has these rights in addition', async () => {
  const node = new Set((await rightsOf('node')).list());

  expect((await rightsOf('helm')).list().filter((line) => !node.has(line))).toMatchInlineSnapshot(`
    [
      "admissionregistration.k8s.io/validatingadmissionpolicies kata-deploy-nodes: get patch delete",
      "admissionregistration.k8s.io/validatingadmissionpolicies kata-deploy-rights: get patch delete",
      "admissionregistration.k8s.io/validatingadmissionpolicies: create",
      "admissionregistration.k8s.io/validatingadmissionpolicybindings kata-deploy-nodes: get patch delete",
      "admissionregistration.k8s.io/validatingadmissionpolicybindings kata-deploy-rights: get patch delete",
      "admissionregistration.k8s.io/validatingadmissionpolicybindings: create",
      "configmaps kata-lifecycle: get",
      "events.k8s.io/events: create",
      "kube-system/apps/daemonsets kata-deploy: patch delete",
      "kube-system/apps/daemonsets: create",
      "kube-system/configmaps kata-deploy-configs: delete",
      "kube-system/configmaps: get list patch create",
      "kube-system/secrets: get list create update delete",
      "kube-system/serviceaccounts kata-deploy: delete",
      "kube-system/serviceaccounts: create",
      "node.k8s.io/runtimeclasses: get list create patch delete",
      "nodes/configz: get",
      "rbac.authorization.k8s.io/clusterrolebindings kata-deploy: get patch delete",
      "rbac.authorization.k8s.io/clusterrolebindings: create",
      "rbac.authorization.k8s.io/clusterroles kata-deploy: get patch delete",
      "rbac.authorization.k8s.io/clusterroles: create",
      "serviceaccounts kata-deploy: get patch",
    ]
  `);
});
