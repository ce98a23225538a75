/** Upgrades through Argo Workflows by the commands of the seeds, as they are typed there, addresses excepted. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ArgoDriver, kataNamespace } from '../driver/argo.ts';
import { damageStore } from '../driver/damaged-release.ts';
import { podFailingOn } from '../driver/failing-pod.ts';
import { readOurMetadata } from '../driver/kata-steps.ts';
import { LabDriver } from '../driver/lab-driver.ts';
import { verificationPod } from '../driver/lifecycle.ts';
import { monitor } from '../driver/monitor.ts';
import { untilPhase } from '../driver/until-phase.ts';

const lab = new LabDriver('lifecycle-argo');
const argo = new ArgoDriver(lab);
const passing = verificationPod('uname -a');

/** Without its times, what the installer reports of a node. */
async function installationOf(node: string): Promise<string> {
  const path = String.raw`jsonpath={.metadata.annotations.katacontainers\.io/kata-deploy-status}`;
  return await lab.kubectl(['get', 'node', node, `--output=${path}`]);
}

/** Of all nodes. */
async function ourAnnotations(): Promise<readonly unknown[]> {
  return await Promise.all(['n1', 'n2', 'n3'].map(async (node) => await readOurMetadata(lab, node)));
}

async function revisions(): Promise<readonly string[]> {
  const text = await lab.lab([
    ...['helm', 'history', 'kata-deploy', '--namespace', kataNamespace, '--output', 'json'],
  ]);
  const all = JSON.parse(text) as readonly { readonly revision: number; readonly chart: string }[];
  return all.map(({ revision, chart }) => `${revision} ${chart}`);
}

beforeAll(async () => {
  await argo.begin(['containerd-2.4', 'containerd-2.2', 'containerd-1.6'], '3.24.0', passing);
});

afterAll(async () => {
  await lab.down();
});

test('rainy: the pod fails on the second node, which returns to its release; the third is not touched', async () => {
  await argo.install(podFailingOn('n2'));
  const third = await installationOf('n3');

  const { phase, pods, name } = await argo.upgrade('3.25.0');

  expect({ phase, pods }, await argo.logs(name)).toMatchObject({
    phase: 'Failed',
    pods: {
      ...{ plan: 'Succeeded', helm: 'Succeeded', prepare: 'Succeeded', settle: 'Succeeded' },
      ...{ 'node(0:n1)': 'Succeeded', 'node(0:n2)': 'Failed', finish: 'Failed' },
    },
  });
  expect(Object.keys(pods)).not.toContain('node(0:n3)');
  expect(await monitor(lab)).toEqual([
    'n1 Ready true completed 3.25.0',
    'n2 Ready true rolled-back 3.24.0',
    'n3 Ready true - -',
  ]);
  expect(JSON.parse(await installationOf('n3'))).toMatchObject({
    current: (JSON.parse(third) as { readonly current: string }).current,
  });
  expect((await revisions()).at(-1)).toBe('3 kata-deploy-3.24.0');
});

test('sunny: the same command with a pod that passes upgrades the rest', async () => {
  await argo.install(passing);

  const workflow = await argo.submit(['-p', 'target-version=3.25.0']);
  const watched = await lab.lab(['argo', 'watch', '@latest']);
  const { phase, name } = await argo.end(workflow);

  expect(phase, await argo.logs(name)).toBe('Succeeded');
  expect(watched).toMatch(/Status: +Succeeded/);
  expect(await monitor(lab)).toEqual([
    'n1 Ready true completed 3.25.0',
    'n2 Ready true completed 3.25.0',
    'n3 Ready true completed 3.25.0',
  ]);
});

test('the same version again changes no node and makes no revision', async () => {
  const before = [await revisions(), await ourAnnotations()];

  const { phase, name } = await argo.upgrade('3.25.0');

  expect(phase, await argo.logs(name)).toBe('Succeeded');
  expect([await revisions(), await ourAnnotations()]).toEqual(before);
});

test('upgrade-single-node changes the node that is named, and no other', async () => {
  const only = ['--entrypoint', 'upgrade-single-node'];

  const refused = await argo.upgrade('3.24.0', only);
  const { phase, pods, name } = await argo.upgrade('3.24.0', [...only, '-p', 'node-name=n2']);

  expect(refused).toMatchObject({ phase: 'Failed', pods: { plan: 'Failed' } });
  expect(await argo.logs(refused.name)).toContain('node-name');
  expect(phase, await argo.logs(name)).toBe('Succeeded');
  expect(Object.keys(pods)).toContain('node(0:n2)');
  expect(await monitor(lab)).toEqual([
    'n1 Ready true completed 3.25.0',
    'n2 Ready true completed 3.24.0',
    'n3 Ready true completed 3.25.0',
  ]);
});

test('rollback-node returns a node to its earlier release; the second time has no effect', async () => {
  const command = ['--entrypoint', 'rollback-node', '-p', 'node-name=n2'];
  const rolledBack = ['n1 Ready true completed 3.25.0', 'n2 Ready true rolled-back 3.25.0'];

  const first = await argo.run(command);
  const [after, release] = [await installationOf('n2'), await revisions()];
  const second = await argo.run(command);

  expect(first.phase, await argo.logs(first.name)).toBe('Succeeded');
  expect(second.phase, await argo.logs(second.name)).toBe('Succeeded');
  expect(await argo.logs(second.name)).toContain('nothing was changed');
  expect(await monitor(lab)).toEqual([...rolledBack, 'n3 Ready true completed 3.25.0']);
  expect(release.at(-1)).toContain('kata-deploy-3.25.0');
  expect([await installationOf('n2'), await revisions()]).toEqual([after, release]);
});

test('another workflow upgrades by templateRef, with the rights of no account of its own', async () => {
  const caller = {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Workflow',
    metadata: { generateName: 'caller-' },
    spec: {
      entrypoint: 'main',
      templates: [
        {
          name: 'main',
          steps: [
            [
              {
                name: 'upgrade',
                templateRef: { name: 'kata-upgrade', template: 'upgrade-all-nodes' },
                arguments: {
                  parameters: [
                    { name: 'target-version', value: '3.24.0' },
                    { name: 'batch-size', value: '2' },
                  ],
                },
              },
            ],
          ],
        },
      ],
    },
  };

  const { phase, name } = await argo.run([], JSON.stringify(caller));

  expect(phase, await argo.logs(name)).toBe('Succeeded');
  expect(await monitor(lab)).toEqual([
    'n1 Ready true completed 3.24.0',
    'n2 Ready true completed 3.24.0',
    'n3 Ready true completed 3.24.0',
  ]);
});

test('rollback-scope run: when the last node fails, all return to their earlier release', async () => {
  await argo.install(podFailingOn('n3'));

  const { phase, pods, name } = await argo.upgrade('3.25.0', ['-p', 'rollback-scope=run']);

  expect(phase, await argo.logs(name)).toBe('Failed');
  expect(Object.keys(pods)).toEqual(expect.arrayContaining(['node(0:n1)', 'node(0:n2)', 'node(0:n3)']));
  expect(await monitor(lab)).toEqual([
    'n1 Ready true rolled-back 3.24.0',
    'n2 Ready true rolled-back 3.24.0',
    'n3 Ready true rolled-back 3.24.0',
  ]);
  expect((await revisions()).at(-1)).toContain('kata-deploy-3.24.0');
});

describe('an earlier release that is damaged in the store is healed from the payload', () => {
  const onlySecond = ['-p', 'node-selector=kubernetes.io/hostname=n2'];
  const kernels = '/opt/kata/releases/3.24.0-*/share/kata-containers/vmlinux-[0-9.]*-20[0-9]';
  const readDamage = async (): Promise<string> =>
    await lab.onNode('n2', [
      'sh',
      '-c',
      `for f in ${kernels}; do dd if=$f bs=1 skip=100 count=3 status=none; done`,
    ]);

  test('by the run in which the pod fails', async () => {
    await argo.install(podFailingOn('n2', 20));
    const workflow = await argo.submit(['-p', 'target-version=3.25.0', ...onlySecond]);
    await untilPhase(lab, 'n2', 'verifying');
    await damageStore(lab, 'n2', '3.24.0');
    expect(await readDamage()).toBe('bad');

    const { phase, pods, name } = await argo.end(workflow);

    expect({ phase, pods }, await argo.logs(name)).toMatchObject({
      phase: 'Failed',
      pods: { settle: 'Succeeded', finish: 'Failed' },
    });
    expect(await monitor(lab)).toContain('n2 Ready true rolled-back 3.24.0');
    expect((await revisions()).at(-1)).toContain('kata-deploy-3.24.0');
    expect(await readDamage()).not.toBe('bad');
  });

  test('by rollback-node', async () => {
    await argo.install(passing);
    const upgraded = await argo.upgrade('3.25.0', onlySecond);
    expect(upgraded.phase, await argo.logs(upgraded.name)).toBe('Succeeded');
    await damageStore(lab, 'n2', '3.24.0');

    const { phase, name } = await argo.run(['--entrypoint', 'rollback-node', '-p', 'node-name=n2']);

    expect(phase, await argo.logs(name)).toBe('Succeeded');
    expect(await monitor(lab)).toContain('n2 Ready true rolled-back 3.24.0');
    expect((await revisions()).at(-1)).toContain('kata-deploy-3.24.0');
    expect(await readDamage()).not.toBe('bad');
  });
});
