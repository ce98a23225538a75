import { JumpingClock } from '@kata/core/testkit';
import { defaultPolicy } from '@kata/rollout';
import { expect, test } from 'vitest';
import type { HelmForesight } from './foresee-helm.ts';
import { formatUpgradePreview, upgradePreviewData } from './format-upgrade-plan.ts';
import { planUpgrade, type UpgradeRequest } from './plan-upgrade.ts';
import { FakeCluster } from './testkit/fake-cluster.ts';
import {
  both,
  claimOf,
  contextOf,
  daemonSetObject,
  managedConfigMap,
  nodeObject,
  type NodeOptions,
  planOf,
  releases,
  verificationPod,
} from './testkit/fleet-objects.ts';

const { before, target } = releases;
const helm = planOf().helm;
if (helm === null) throw new Error('an upgrade');
const { before: seen, ...planned } = helm;
const helmOrder = { ...planned, setValues: '' };
const snapshot = { ...seen, values: {} };
const upgrade: HelmForesight = { kind: 'upgrade', before: snapshot, changedValues: [] };

function requestOf(changes: Partial<UpgradeRequest> = {}): UpgradeRequest {
  return {
    query: { labelSelector: 'kata', taintKey: '', taintValue: '', name: '' },
    policy: { ...defaultPolicy, batchSize: 2 },
    verification: { pod: verificationPod, namespace: 'default', timeoutMs: 180_000 },
    helm: helmOrder,
    foresight: upgrade,
    ...changes,
  };
}

async function start(nodes: Readonly<Record<string, NodeOptions>>): Promise<FakeCluster> {
  const cluster = await FakeCluster.start();
  cluster.put('daemonsets', daemonSetObject());
  for (const [name, options] of Object.entries(nodes)) cluster.put('nodes', nodeObject(name, options));
  return cluster;
}

const old = { status: { current: before, offered: before } };
const fleet: Readonly<Record<string, NodeOptions>> = {
  n1: { status: { current: target, offered: before }, approved: target, claim: claimOf() },
  n2: { ...old, approved: before },
  n3: old,
  n4: { status: { current: '3.25.0-cccccccc', offered: before } },
  n5: { ...old, isReady: false },
  n6: { status: { phase: 'held', reason: 'NotApproved', offered: before } },
};

async function previewOf(cluster: FakeCluster, request: UpgradeRequest): Promise<string> {
  const context = contextOf(cluster, new JumpingClock());
  return formatUpgradePreview({ ...(await planUpgrade(context, request)), open: null }, context);
}

test('a plan shows waves, what is left alone and why, Helm, management and the check of the pod', async () => {
  await using cluster = await start(fleet);

  expect(await previewOf(cluster, requestOf())).toMatchInlineSnapshot(`
    "Upgrade to 3.25.0: 5 nodes, 2 at a time. Nothing is changed yet.

    WAVE  NODE  HAS              THE RUN WILL
    -     n1    3.25.0-bbbbbbbb  nothing: it has this version, verified
    1     n2    3.24.0-aaaaaaaa  upgrade, verify
    1     n3    3.24.0-aaaaaaaa  upgrade, verify
    2     n4    3.25.0-cccccccc  verify: it has this version; upgrade when other settings differ
    2     n6    -                install, verify

    Left alone:
      n5 is NotReady

    Helm: release "kube-system/kata-deploy" from 3.24.0 (revision 1) to 3.25.0; values stay
    Management: begins with this run, which first approves what each node has: n3, n4, n5
    Verification pod: accepted for each node (dry run)"
  `);
  const dryRuns = cluster.writes;
  expect(dryRuns).toEqual(Array(5).fill('POST pods?dryRun=All'));
});

test('under management, nodes without an approval are named; Helm may change nothing', async () => {
  await using cluster = await start(fleet);
  cluster.put('configmaps', managedConfigMap());
  const foresight: HelmForesight = { ...upgrade, kind: 'unchanged' };

  expect(await previewOf(cluster, requestOf({ foresight }))).toMatchInlineSnapshot(`
    "Upgrade to 3.25.0: 5 nodes, 2 at a time. Nothing is changed yet.

    WAVE  NODE  HAS              THE RUN WILL
    1     n1    3.25.0-bbbbbbbb  upgrade, verify
    1     n2    3.24.0-aaaaaaaa  verify: it has this version; upgrade when other settings differ
    2     n3    3.24.0-aaaaaaaa  verify: it has this version; upgrade when other settings differ
    2     n4    3.25.0-cccccccc  upgrade, verify
    3     n6    -                install, verify

    Left alone:
      n5 is NotReady

    Helm: release "kube-system/kata-deploy" is at 3.24.0 (revision 1) already; no new revision
    Management: nothing is approved for n3, n4, n5, n6; they stay as they are outside of runs
    Verification pod: accepted for each node (dry run)"
  `);
});

test('the data of a plan has no values of the Helm release', async () => {
  await using cluster = await start({ n2: { ...old, approved: before } });
  const context = contextOf(cluster, new JumpingClock());
  const secret = { ...upgrade.before, values: { password: 'secret' } };
  const foresight = { ...upgrade, before: secret, changedValues: ['debug'] };

  const planned = await planUpgrade(context, requestOf({ foresight }));

  expect(upgradePreviewData({ ...planned, open: null })).toEqual({
    target: '3.25.0',
    batchSize: 2,
    waves: [['n2']],
    nodes: [{ node: 'n2', current: before, prospect: 'upgrade' }],
    leftAlone: [],
    helm: { kind: 'upgrade', revision: 1, version: '3.24.0', changedValues: ['debug'] },
    management: { isManaged: false, willApprove: [], withoutApproval: [] },
    verification: { isAccepted: true, unchecked: [] },
    openRun: null,
  });
});

test('a refused verification pod is found before anything is changed, for each node', async () => {
  await using cluster = await start({ n2: old, n3: old, n4: old, n5: old });
  cluster.refusePod = ({ spec }) =>
    JSON.stringify(spec).includes('"n2"') ? undefined : 'exceeded quota: pods, limited: pods=0';

  await expect(previewOf(cluster, requestOf())).rejects.toMatchObject({
    code: 'KATA_LIFECYCLE_POD_REFUSED',
    message:
      'the API server refuses the verification pod, as a dry run shows: node "n3": exceeded quota: pods, limited: pods=0; node "n4": exceeded quota: pods, limited: pods=0; node "n5": exceeded quota: pods, limited: pods=0',
    exitCode: 3,
  });
});

test('a pod that is bound to another node is refused', async () => {
  await using cluster = await start({ n2: old });
  const pod = verificationPod.replace('spec:', 'spec:\n  nodeName: n9');

  await expect(
    previewOf(cluster, requestOf({ verification: { ...requestOf().verification, pod } })),
  ).rejects.toMatchObject({ code: 'KATA_ROLLOUT_POD_INVALID' });
  expect(cluster.writes).toEqual([]);
});

test('a RuntimeClass that may come with the release is left to the check after Helm', async () => {
  await using cluster = await start({ n2: old });
  cluster.refusePod = ({ metadata }) =>
    `pods "${metadata.name}" is forbidden: pod rejected: RuntimeClass "kata-qemu" not found`;

  expect(await previewOf(cluster, requestOf())).toContain(
    'Verification pod: not fully checked: pods "kata-verify-…" is forbidden: pod rejected: RuntimeClass "kata-qemu" not found',
  );
  const foresight: HelmForesight = { ...upgrade, kind: 'unchanged' };
  await expect(previewOf(cluster, requestOf({ foresight }))).rejects.toMatchObject({
    code: 'KATA_LIFECYCLE_POD_REFUSED',
  });
});

test('no match is no error', async () => {
  await using cluster = await start({ n2: { ...old, status: both } });
  const query = { labelSelector: 'pool=none', taintKey: '', taintValue: '', name: '' };

  expect(await previewOf(cluster, requestOf({ query }))).toMatchInlineSnapshot(`
    "Upgrade to 3.25.0: 0 nodes, 2 at a time. Nothing is changed yet.

    No node matches.

    Helm: release "kube-system/kata-deploy" stays at 3.24.0 (revision 1), because no node matches
    Verification pod: valid"
  `);
  expect(cluster.writes).toEqual([]);
});

test('a pod that does not fit is refused, but not for a node that the run leaves alone', async () => {
  const allocatable = { cpu: '1', pods: '0' };
  await using cluster = await start({ n1: { ...fleet['n1'], allocatable }, n2: { ...old, allocatable } });

  await expect(planUpgrade(contextOf(cluster), requestOf())).rejects.toMatchObject({
    code: 'KATA_LIFECYCLE_NO_ROOM',
    details: { nodes: { n2: 'pods: 1 wanted, 0 free' } },
  });
});
