/** Each command against a cluster in memory: what it prints, and with which code it exits. */
import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  claimOf,
  daemonSetObject,
  FakeCluster,
  managedConfigMap,
  nodeObject,
  releases,
  runRecord,
  simulateCluster,
} from '@kata/orchestrator/testkit';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';

const binary = join(import.meta.dirname, '../../bin/kata-lifecycle');
const { before, target } = releases;
let cluster: FakeCluster;
let folder: Awaited<ReturnType<typeof mkdtempDisposable>>;

beforeAll(async () => {
  cluster = await FakeCluster.start();
  folder = await mkdtempDisposable(join(tmpdir(), 'kata-lifecycle-test-'));
  await writeFile(join(folder.path, 'kubeconfig'), cluster.api.kubeconfig);
  cluster.put('daemonsets', daemonSetObject());
  cluster.put('configmaps', managedConfigMap());
  cluster.put(
    'configmaps',
    runRecord({ id: 'r1', nodes: [{ name: 'n1', uid: 'u' }] }, { stage: 'prepared' }),
  );
  const status = { current: target, previous: before, offered: target, approved: target, podUid: 'old' };
  for (const name of ['n1', 'n2']) {
    cluster.put('nodes', nodeObject(name, { status, approved: target, claim: claimOf({ run: 'r1' }) }));
  }
  simulateCluster(cluster, { payload: target, passes: (node) => node === 'n1' });
});

afterAll(async () => {
  await cluster[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

async function run(
  ...words: readonly string[]
): Promise<{ readonly exitCode: number | undefined; readonly stdout: string; readonly stderr: string }> {
  const { exitCode, stdout, stderr } = await execa(binary, words, {
    reject: false,
    env: { KUBECONFIG: join(folder.path, 'kubeconfig') },
  });
  return { exitCode, stdout, stderr };
}

async function json(...words: readonly string[]): Promise<unknown> {
  return JSON.parse((await run(...words, '--output', 'json')).stdout);
}

test('stop ends the run that no process has, and history shows it', async () => {
  expect(await run('stop')).toMatchObject({
    exitCode: 0,
    stdout: 'run r1 has ended: no process had it, and no node was in progress',
  });
  expect(await json('history')).toMatchObject({ runs: [{ id: 'r1', outcome: 'stopped', nodes: ['n1'] }] });
  expect(await run('stop', 'r9')).toMatchObject({ exitCode: 3, stdout: '' });
});

test('status, why and nodes agree about a node', async () => {
  expect(await json('status')).toMatchObject({ nodes: [{ node: 'n1', phase: 'completed', next: null }, {}] });
  expect(await json('why', 'n1')).toMatchObject({ node: 'n1', claim: { run: 'r1' }, next: null });
  expect(await json('nodes')).toMatchObject({ nodes: [{ node: 'n1', installed: target, notes: [] }, {}] });
  expect(await run('why', 'n7')).toEqual({
    exitCode: 2,
    stdout: '',
    stderr: 'kata-lifecycle: the cluster has no node "n7"\n  next: list the nodes: kata-lifecycle nodes',
  });
});

test('verify exits with 7 when the pod fails on a node, and says on which', async () => {
  expect((await run('verify', 'n1')).exitCode).toBe(0);
  const both = await run('verify', 'n1', 'n2');

  expect(both.exitCode).toBe(7);
  expect(both.stdout).toContain(`n2 failed (exit-3) on ${target}: `);
});

test('rollback returns a node, and the second time changes nothing and says so', async () => {
  const first = await run('rollback', 'n1');
  expect(first).toMatchObject({ exitCode: 0 });
  expect(first.stdout).toContain(`n1 is back on ${before}; your pod passes there`);

  const second = await run('rollback', 'n1');
  expect(second).toMatchObject({ exitCode: 0, stderr: '' });
  expect(second.stdout).toMatch(/^n1 is on 3\.24\.0-aaaaaaaa already, since run \S+; nothing was changed$/);
});

test('unmanage is refused while a node is held; manage changes nothing under management', async () => {
  const refused = await run('unmanage');
  expect(refused).toMatchObject({ exitCode: 4, stdout: '' });
  expect(refused.stderr).toContain(`n1 (has ${before}, offered ${target})`);
  expect(await run('manage')).toEqual({
    exitCode: 0,
    stdout: 'managed already: nothing was changed',
    stderr: '',
  });
});

test('without an installation, nodes works and the others name what is missing', async () => {
  cluster.remove('daemonsets', 'kata-deploy', 'kube-system');

  expect(await json('nodes')).toMatchObject({ nodes: [{ node: 'n1', isSelected: false }, {}] });
  expect(await run('status')).toEqual({
    exitCode: 3,
    stdout: '',
    stderr:
      'kata-lifecycle: namespace "kube-system" has no DaemonSet of kata-deploy from the Helm release "kata-deploy"\n  next: list the releases: helm list --all-namespaces; then name yours: --release, --namespace',
  });
});
