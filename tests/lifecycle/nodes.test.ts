/** Which nodes a run changes, and what becomes of nodes in every condition. */
import { waitFor } from '@kata/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { budget, removeBudget, startGuardedPod } from '../driver/budget.ts';
import { Fleet, fewShims, textOf, whole } from '../driver/fleet.ts';
import { helm } from '../driver/helm.ts';
import { startKataPod, waitForRollout } from '../driver/kata-steps.ts';
import { verificationPod } from '../driver/lifecycle.ts';

const nodes = ['n1', 'n2', 'n3'] as const;
let fleet: Fleet;

beforeAll(async () => {
  fleet = await Fleet.up('lifecycle-nodes', ['containerd-2.4', 'containerd-2.2', 'containerd-1.6']);
});

afterAll(async () => {
  await fleet.down();
});

/** It fails on that node only, on every release. */
function failingOn(node: string): string {
  return verificationPod(`case "$NODE_NAME" in ${node}) exit 3;; esac`).replace(
    'command:',
    `env:
        - name: NODE_NAME
          valueFrom: { fieldRef: { fieldPath: spec.nodeName } }
      command:`,
  );
}

describe('a selection', () => {
  const taint = 'dedicated=kata:NoSchedule';

  beforeAll(async () => {
    await fleet.begin();
    await fleet.lab.kubectl(['label', 'nodes', 'n1', 'n2', 'pool=a']);
    await fleet.lab.kubectl(['taint', 'nodes', 'n2', 'n3', taint]);
  });

  afterAll(async () => {
    await fleet.lab.kubectl(['label', 'nodes', '--all', 'pool-']);
    await fleet.lab.kubectl(['taint', 'nodes', 'n2', 'n3', `${taint}-`]);
  });

  test('of no node makes no Helm revision and no run', async () => {
    const revision = await fleet.revision();

    const ended = await fleet.lifecycle.upgrade('3.25.0', whole, { words: ['--node-selector', 'pool=b'] });

    expect(ended.exitCode, textOf(ended)).toBe(0);
    expect(ended.stdout).toContain('no node matches: nothing was changed');
    expect(await fleet.revision()).toBe(revision);
  });

  test.each<{ readonly by: string; readonly words: readonly string[]; readonly chosen: readonly string[] }>([
    {
      by: 'label and taint',
      words: ['--node-selector', 'pool=a', '--node-taint-key', 'dedicated'],
      chosen: ['n2'],
    },
    {
      by: 'taint',
      words: ['--node-taint-key', 'dedicated', '--node-taint-value', 'kata'],
      chosen: ['n2', 'n3'],
    },
    { by: 'label', words: ['--node-selector', 'pool=a'], chosen: ['n1', 'n2'] },
  ])('by $by upgrades just those nodes', async ({ words, chosen }) => {
    const before = await fleet.ends();

    const ended = await fleet.lifecycle.upgrade('3.25.0', whole, { words });

    expect(ended.exitCode, textOf(ended)).toBe(0);
    const expected = chosen.map((node) => [node, 'completed 3.25.0'] as const);
    expect(await fleet.ends()).toEqual({ ...before, ...Object.fromEntries(expected) });
    for (const node of ['n2', 'n3']) {
      expect((await fleet.object(node)).spec.taints).toEqual([
        { key: 'dedicated', value: 'kata', effect: 'NoSchedule' },
      ]);
    }
  });
});

test('with --rollback-scope run, nodes that were verified return, too', async () => {
  await fleet.begin();

  const ended = await fleet.lifecycle.upgrade('3.25.0', failingOn('n2'), {
    words: ['--rollback-scope', 'run'],
  });

  expect(ended.exitCode, textOf(ended)).toBe(7);
  expect(await fleet.ends()).toEqual({
    n1: 'rolled-back 3.24.0',
    n2: 'rolled-back 3.24.0',
    n3: 'completed 3.24.0',
  });
  expect(await fleet.chartVersion()).toBe('3.24.0');
});

test('a node that an administrator has cordoned is upgraded and stays cordoned', async () => {
  await fleet.begin();
  await fleet.lab.kubectl(['cordon', 'n1']);

  const ended = await fleet.lifecycle.upgrade('3.25.0', whole, { words: ['--node', 'n1'] });
  const end = (await fleet.ends())['n1'];
  const { why } = await fleet.node('n1');
  await fleet.lab.kubectl(['uncordon', 'n1']);

  expect(ended.exitCode, textOf(ended)).toBe(0);
  expect(end).toBe('completed 3.25.0 cordoned by administrator');
  expect(why).toBe('an administrator cordoned it; runs leave it cordoned');
});

test('taints of every effect stay; those that keep the installer away are restored exactly', async () => {
  const taints = ['a=1:NoSchedule', 'b:PreferNoSchedule', 'c=2:NoExecute', 'd:NoSchedule'];
  const values = { ...fewShims, tolerations: [{ key: 'a', operator: 'Exists' }] };
  await fleet.begin();
  await helm(fleet.lab, 'upgrade', { version: '3.24.0', values });
  await waitForRollout(fleet.lab);
  await fleet.lab.kubectl(['taint', 'nodes', 'n2', ...taints]);
  const before = (await fleet.object('n2')).spec.taints;

  const ended = await fleet.lifecycle.upgrade('3.25.0', whole, { words: ['--node', 'n2'] });
  const after = (await fleet.object('n2')).spec.taints;
  await fleet.lab.kubectl(['taint', 'nodes', 'n2', ...taints.map((taint) => `${taint}-`)]);

  expect(ended.exitCode, textOf(ended)).toBe(0);
  expect(await fleet.ends()).toMatchObject({ n2: 'completed 3.25.0' });
  expect(after).toEqual(before);

  await helm(fleet.lab, 'upgrade', { version: '3.24.0', values: fewShims });
  await waitForRollout(fleet.lab);
});

describe('a drain', () => {
  test('that a budget forbids names it, and leaves the node uncordoned on its release', async () => {
    await fleet.begin();
    await startGuardedPod(fleet.lab, 'guarded', 'n1');

    const ended = await fleet.lifecycle.upgrade('3.25.0', whole, {
      words: ['--node', 'n1', '--drain', '--drain-timeout', '10s'],
    });

    expect(ended.exitCode, textOf(ended)).toBe(7);
    expect(ended.stderr).toContain(
      `not drained within 10 s: default/guarded (blocked by PodDisruptionBudget ${budget})`,
    );
    expect(await fleet.ends()).toMatchObject({ n1: 'failed 3.24.0' });
    expect(await fleet.node('n1')).toMatchObject({ isCordoned: false });
    expect((await fleet.lab.readPod('guarded')).ready).toBe(true);
  });

  test('that nothing forbids evicts the pods, and spares those of DaemonSets and its own', async () => {
    await fleet.begin();
    await removeBudget(fleet.lab);
    const kata = await startKataPod(fleet.lab, 'evicted', 'n1');

    const ended = await fleet.lifecycle.upgrade('3.25.0', whole, { words: ['--node', 'n1', '--drain'] });

    expect(ended.exitCode, textOf(ended)).toBe(0);
    expect(await fleet.ends()).toMatchObject({ n1: 'completed 3.25.0' });
    const names = (await fleet.lab.readPods()).map(({ name }) => name);
    expect(names).not.toContain(kata.name);
    expect(names).not.toContain('guarded');
  });
});

test('a held node that boots again stays on its release and serves it', async () => {
  await fleet.begin();
  await helm(fleet.lab, 'upgrade', { version: '3.25.0', values: fewShims });
  await waitForRollout(fleet.lab);

  const before = await fleet.installerStatus('n2');
  await fleet.lab.lab(['node', 'kill', 'n2']);
  await fleet.lab.lab(['node', 'start', 'n2']);
  await waitFor({ what: 'the installer to report on n2', timeoutMs: 120_000 }, async () => {
    const [{ attempt }, { isReady }] = [await fleet.installerStatus('n2'), await fleet.node('n2')];
    return isReady && attempt > before.attempt ? true : undefined;
  });

  expect(await fleet.ends()).toMatchObject({ n2: 'completed 3.24.0' });
  expect((await fleet.node('n2')).why).toMatch(
    /^release 3\.25\.0-\w+ is offered and not approved; it stays on/,
  );
  const pod = await startKataPod(fleet.lab, 'after-boot', 'n2');
  expect(pod.ready).toBe(true);
  await fleet.lab.deletePod(pod.name);
});

test('a dead node is named and left alone; a later run upgrades it', async () => {
  await fleet.begin();
  await fleet.lab.lab(['node', 'kill', 'n3']);
  await fleet.lab.kubectl(['wait', 'node/n3', '--for=condition=Ready=Unknown', '--timeout=180s']);

  const ended = await fleet.lifecycle.upgrade('3.25.0', whole);
  const end = await fleet.ends();
  const { next } = await fleet.node('n3');
  await fleet.lab.lab(['node', 'start', 'n3']);
  await waitForRollout(fleet.lab);
  const installers = await fleet.installers();
  const later = await fleet.lifecycle.upgrade('3.25.0', whole);

  expect(ended.exitCode, textOf(ended)).toBe(0);
  expect(ended.stderr).toMatch(/n3.*left alone: is NotReady/);
  expect(end).toEqual({
    n1: 'completed 3.25.0',
    n2: 'completed 3.25.0',
    n3: 'completed 3.24.0 NotReady',
  });
  expect(next).toBe('kubectl describe node n3');
  expect(later.exitCode, textOf(later)).toBe(0);
  expect(await fleet.ends()).toEqual(Object.fromEntries(nodes.map((node) => [node, 'completed 3.25.0'])));
  const { n1, n2 } = await fleet.installers();
  expect({ n1, n2 }).toEqual({ n1: installers['n1'], n2: installers['n2'] });
});
