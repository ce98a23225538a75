/** The installer against a real API server: cleanup decision, gate, labels, RBAC. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  blue,
  deleteDaemonSet,
  first,
  install,
  isInstalled,
  lab,
  labelNode,
  own,
  readStatusAnnotation,
  runtimeClass,
  second,
  serving,
  shared,
  succeed,
  term,
} from './decision-nodes.ts';
import {
  ClusterInstaller,
  daemonSet,
  name,
  namespace,
  readEvents,
  readNodeState,
  waitForDeletion,
} from '../driver/cluster-installer.ts';
import { inParallel } from '../driver/in-parallel.ts';
import { podKeepsRunning, readTree, startKataPod } from '../driver/kata-steps.ts';

const approved = 'katacontainers.io/kata-approved-release';
const patience = { timeout: 60_000, interval: 500 };
beforeAll(async () => {
  await lab.down();
  await lab.up(['--nodes', '2', '--engine', 'containerd-2.2', '--engine', 'containerd-2.2']);
  await lab.lab(['publish']);
  await ClusterInstaller.applyRbac(lab);
  await inParallel([first, second], async (on) => {
    await on.prepare(['3.24.0', '3.25.0']);
  });
});

afterAll(async () => {
  await lab.down();
});

test('an installation labels the node, removes the start-up taints, and sets the owner of its RBAC objects', async () => {
  await lab.kubectl([
    'taint',
    'node',
    'n1',
    'kata=soon:NoSchedule',
    'kata=soon:PreferNoSchedule',
    'other=x:PreferNoSchedule',
  ]);

  await install(first, { env: { STARTUP_TAINTS: 'kata:NoSchedule' } });

  expect(await readNodeState(lab, 'n1')).toEqual(serving());
  const taints = await lab.kubectl(['get', 'node', 'n1', '--output=jsonpath={.spec.taints[*].effect}']);
  expect(taints).toBe('PreferNoSchedule PreferNoSchedule');
  await lab.kubectl(['taint', 'node', 'n1', 'kata-', 'other-']);
  expect(await readEvents(lab, 'n1')).toEqual(['Installed']);
  const owner = '--output=jsonpath={.metadata.ownerReferences[*].kind}';
  expect(await lab.kubectl(['get', 'serviceaccount', name, '--namespace', namespace, owner])).toBe(
    'ClusterRole',
  );
  expect(await lab.kubectl(['get', 'clusterrolebinding', name, owner])).toBe('ClusterRole');
});

test('a second run changes only the attempt in the status', async () => {
  const before = await readStatusAnnotation('n1');

  expect(await install(first)).toContain('nothing to do');

  expect(await readStatusAnnotation('n1')).toEqual({ ...before, attempt: 2 });
  expect(await readEvents(lab, 'n1')).toEqual(['Installed']);
});

describe('nothing is removed', () => {
  test.each<[string, object]>([
    ['exists', {}],
    ['selects the node by its selector', { nodeSelector: { 'kubernetes.io/hostname': 'n1' } }],
    ['selects the node by its affinity', term('In', 'n1')],
    ['selects the node, which has a taint', term('NotIn', 'n2')],
  ])('while the DaemonSet %s', async (_, spec) => {
    await deleteDaemonSet();
    await lab.apply(daemonSet({ spec }));

    expect(await succeed(first, ['decide'])).toContain(
      'nothing is removed: its DaemonSet still exists and selects this node',
    );

    expect(await readNodeState(lab, 'n1')).toEqual(serving());
    expect(await isInstalled(first)).toBe(true);
  });

  test.each([
    ['the API server is unreachable', 'unreachable', 75, 'did not answer'],
    ['the credentials are not valid', 'invalid-token', 3, 'the credentials are not valid (HTTP 401)'],
    ['the RBAC rules are missing', 'no-rbac', 3, 'forbidden (HTTP 403)'],
  ])('when %s', async (_, file, exitCode, message) => {
    await deleteDaemonSet();

    const result = await first.run(['decide'], {
      env: { KUBECONFIG: `/kube/${file}`, TERMINATION_GRACE_SECONDS: '45' },
    });

    expect(result.exitCode).toBe(exitCode);
    expect(result.stderr).toContain(
      'nothing is removed: cannot determine whether this pod is being restarted or uninstalled',
    );
    expect(result.stderr).toContain(message);
    expect(await readNodeState(lab, 'n1')).toEqual(serving());
    expect(await isInstalled(first)).toBe(true);
    expect(await succeed(first, ['status'])).toMatch(/^Cleanup +decision unknown since \S+: KATA/m);
  });
});

describe('everything of this installation is removed', () => {
  test('when the DaemonSet no longer selects the node; the RBAC objects stay', async () => {
    await lab.apply(daemonSet({ spec: { nodeSelector: { 'kubernetes.io/hostname': 'n2' } } }));

    expect(await succeed(first, ['decide'])).toContain('its DaemonSet no longer selects this node');

    expect(await readNodeState(lab, 'n1')).toEqual({});
    expect(await isInstalled(first)).toBe(false);
    expect(await lab.kubectl(['get', 'clusterrole', name, '--output=name'])).toContain(name);
    await deleteDaemonSet();
  });

  test.each<[string, string, object | undefined, Readonly<Record<string, string>>]>([
    [
      'one that serves: the shared label stays',
      `${blue}=true`,
      undefined,
      { [blue]: 'true', [shared]: 'true' },
    ],
    ['one still installing: false', `${blue}=false`, undefined, { [blue]: 'false', [shared]: 'false' }],
    [
      'one without a label of its own: it stays',
      `${blue}-`,
      daemonSet({ name: 'old-kata-deploy' }),
      { [shared]: 'true' },
    ],
  ])('next to another installation: %s', async (_, label, other, left) => {
    // So that n1 is not the last node.
    await labelNode('n2', `${own}=true`);
    if (other !== undefined) await lab.apply(other);
    // Like a node whose installation has only started: a full installation takes long.
    await labelNode('n1', label, `${own}=true`, `${shared}=true`);

    await succeed(first, ['decide']);

    expect(await readNodeState(lab, 'n1')).toEqual(left);
    await deleteDaemonSet('old-kata-deploy');
    await labelNode('n1', `${blue}-`, `${shared}-`);
    await labelNode('n2', `${own}-`);
  });
});

describe('behind the gate', () => {
  const approve = async (node: string, release: string): Promise<unknown> =>
    await lab.kubectl(['annotate', '--overwrite', 'node', node, `${approved}=${release}`]);

  beforeAll(async () => {
    await lab.kubectl(['create', 'configmap', 'kata-lifecycle', '--namespace', namespace]);
  });

  afterAll(async () => {
    await lab.kubectl(['delete', 'configmap', 'kata-lifecycle', '--namespace', namespace]);
    await lab.kubectl(['annotate', 'node', 'n1', 'n2', `${approved}-`]);
  });

  test('a node without Kata gets nothing but the status', async () => {
    const before = await readTree(lab, 'n2');

    expect(await install(second)).toContain('held: no release is approved for this node');
    await install(second);

    expect(await readNodeState(lab, 'n2')).toEqual({ status: 'held NotApproved' });
    expect(await readTree(lab, 'n2')).toEqual(before);
    expect(await readEvents(lab, 'n2')).toEqual(['Held']);
  });

  test('when the gate cannot be read, the run ends with 75 to be retried', async () => {
    const { exitCode } = await second.run(['install', '--once'], {
      env: { KUBECONFIG: '/kube/unreachable' },
    });

    expect(exitCode).toBe(75);
    expect(await isInstalled(second)).toBe(false);
  });

  test('an approved release is installed; with a newer payload the node is held or keeps the approved release', async () => {
    await approve('n2', '3.24.0');
    await install(second);
    expect(await readNodeState(lab, 'n2')).toEqual({ [approved]: '3.24.0', ...serving() });

    expect(await install(second, { version: '3.25.0' })).toContain('the approved release 3.24.0-');
    expect(await readNodeState(lab, 'n2')).toEqual({ [approved]: '3.24.0', ...serving() });

    await approve('n2', '3.99.0');
    expect(await install(second, { version: '3.25.0' })).toContain(
      'held: the approved release 3.99.0 is neither',
    );
    expect(await readNodeState(lab, 'n2')).toEqual({
      [approved]: '3.99.0',
      ...serving(),
      status: 'held ApprovedReleaseMissing 3.24.0',
    });

    await approve('n2', '3.25.0');
    await install(second, { version: '3.25.0' });
    expect(await readNodeState(lab, 'n2')).toEqual({ [approved]: '3.25.0', ...serving('3.25.0') });
    expect(await readEvents(lab, 'n2')).toEqual(['Held', 'Installed', 'OfferWaits', 'Held', 'Upgraded']);
  });
});

test('the service account of the installer can change nothing else', async () => {
  const asInstaller = async (...words: readonly string[]): Promise<string> =>
    (await lab.tryLab(['kubectl', `--as=system:serviceaccount:${namespace}:${name}`, ...words])).stderr;

  expect(await asInstaller('label', 'node', 'n1', 'zone=a')).toContain('only labels of Kata');
  expect(await asInstaller('label', 'node', 'n1', 'kubernetes.io/os-')).toContain('only labels of Kata');
  expect(await asInstaller('annotate', 'node', 'n1', `${approved}=9`)).toContain(
    'only its status annotation',
  );
  expect(await asInstaller('taint', 'node', 'n1', 'a=b:NoSchedule')).toContain('adds no taint');
  expect(await asInstaller('patch', 'node', 'n1', '--patch={"spec":{"unschedulable":true}}')).toContain(
    'does not cordon',
  );
  expect(await asInstaller('label', 'serviceaccount', name, '--namespace', namespace, 'a=b')).toContain(
    'changes only the owner',
  );
  const subject = { kind: 'User', name: 'eve', apiGroup: 'rbac.authorization.k8s.io' };
  expect(
    await asInstaller(
      'patch',
      'clusterrolebinding',
      name,
      `--patch=${JSON.stringify({ subjects: [subject] })}`,
    ),
  ).toMatch(/changes only the owner|attempting to grant RBAC permissions|forbidden/);
  expect(await asInstaller('delete', 'clusterrole', 'view')).toContain('forbidden');
});

test('with running pods the removal is pending, then finished; the last node deletes the RBAC objects', async () => {
  await lab.apply(daemonSet(), runtimeClass);
  await install(first);
  const pod = await startKataPod(lab, 'keeps-running', 'n1');
  // A DaemonSet that is being deleted but held by a finalizer counts as deleted.
  await lab.kubectl([
    ...['patch', 'daemonset', name, '--namespace', namespace],
    '--patch={"metadata":{"finalizers":["test.kata/hold"]}}',
  ]);
  await lab.kubectl(['delete', 'daemonset', name, '--namespace', namespace, '--wait=false']);

  const said = await succeed(first, ['decide']);

  expect(said).toContain('removing the installation: its DaemonSet is being deleted');
  expect(said).toContain('cleanup pending: 1 Kata pods are still running');
  expect(said).toContain('default/keeps-running');
  // Issue 12.9: labels stay that the pod's RuntimeClass put into its node selector.
  const { 'handler.katacontainers.io/kata-clh': _, ...needed } = serving();
  const pending = { ...needed, status: 'cleanup-pending SandboxesLive 3.24.0' };
  expect(await readNodeState(lab, 'n1')).toEqual(pending);
  expect(await isInstalled(first)).toBe(true);
  await podKeepsRunning(lab, pod);

  expect(await succeed(second, ['decide'], { version: '3.25.0' })).toContain(
    'because other nodes still have this installation (1): n1',
  );
  expect(await readNodeState(lab, 'n2')).toEqual({});
  expect((await first.run(['cleanup'])).exitCode).toBe(6);

  await lab.kubectl(['delete', 'pod', pod.name, '--wait']);
  await expect.poll(async () => (await lab.onNode('n1', ['ls', '/run/vc/sbs'])).trim(), patience).toBe('');
  expect(await succeed(first, ['cleanup'])).toContain('this was the last node: its RBAC is deleted');
  expect(await readNodeState(lab, 'n1')).toEqual({});
  expect(await isInstalled(first)).toBe(false);
  expect((await readEvents(lab, 'n1')).slice(-2)).toEqual(['CleanupPending', 'Removed']);
  await lab.kubectl([
    'patch',
    'daemonset',
    name,
    '--namespace',
    namespace,
    '--patch={"metadata":{"finalizers":null}}',
  ]);
  for (const words of [
    ['clusterrole', name],
    ['clusterrolebinding', name],
    ['serviceaccount', name, '--namespace', namespace],
  ]) {
    await waitForDeletion(lab, words);
  }
});
