/** Issue 12.21: foreign changes to an installation are reported on the node within seconds, and repaired unless configured otherwise. */
import { waitFor } from '@kata/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readEvents, readNodeState } from '../driver/cluster-installer.ts';
import { helm, namespace } from '../driver/helm.ts';
import { waitForRollout } from '../driver/kata-steps.ts';
import { LabDriver } from '../driver/lab-driver.ts';

const lab = new LabDriver('test-drift');
const version = '3.24.0';
const status = 'katacontainers.io/kata-deploy-status';
const own = 'kata-deploy.katacontainers.io/default';
const shared = 'katacontainers.io/kata-runtime';
const qemu = 'handler.katacontainers.io/kata-qemu';
const mainFile = '/etc/containerd/config.toml';
/** From the change until the node reports it. */
const noticedMs = 15_000;

let mainBefore: string;

async function release(verb: 'install' | 'upgrade', values: object): Promise<void> {
  await helm(lab, verb, { version, values });
  await waitForRollout(lab);
}

/** Resolves when the waiter has checked the installation and found no drift. */
async function untilNoDrift(): Promise<void> {
  await waitFor({ what: 'the waiter to find no drift', timeoutMs: 60_000 }, async () => {
    const log = await lab.kubectl(['logs', 'daemonset/kata-deploy', '--namespace', namespace]);
    return log.trim().split('\n').at(-1)?.startsWith('no drift') === true ? true : undefined;
  });
}

/** Rejects when the Event does not come in time. Counts Events, because a repair may change the status at once. */
async function untilDrifted(count: number): Promise<void> {
  await waitFor({ what: 'the Event Drifted', timeoutMs: noticedMs, intervalMs: 250 }, async () =>
    (await countOf('Drifted')) >= count ? true : undefined,
  );
}

/** The status label. */
async function phase(): Promise<string> {
  return await lab.kubectl([
    ...[
      'get',
      'node',
      'n1',
      `--output=jsonpath={.metadata.labels.${status.replaceAll('.', String.raw`\.`)}}`,
    ],
  ]);
}

async function countOf(reason: string): Promise<number> {
  return (await readEvents(lab, 'n1')).filter((one) => one === reason).length;
}

async function untilRepaired(count: number): Promise<void> {
  await waitFor({ what: 'the repair', timeoutMs: 60_000 }, async () =>
    (await countOf('DriftRepaired')) >= count && (await phase()) === '' ? true : undefined,
  );
}

const onNode = async (script: string): Promise<string> => await lab.onNode('n1', ['sh', '-c', script]);
const kata = async (word: string): Promise<string> =>
  await lab.kubectl([
    ...['exec', 'daemonset/kata-deploy', '--namespace', namespace, '--', 'kata-deploy', word],
  ]);

const serving = { [own]: 'true', [shared]: 'true', [qemu]: 'true', status: `installed Installed ${version}` };

beforeAll(async () => {
  await lab.down();
  await lab.up(['--nodes', '1', '--engine', 'containerd-2.2']);
  await lab.lab(['publish']);
  mainBefore = await onNode(`cat ${mainFile}`);
  await release('install', {});
  await untilNoDrift();
});

afterAll(async () => {
  await lab.down();
});

describe('repaired', () => {
  test("another tool rewrites the engine's file without our import and restarts the engine", async () => {
    const installed = await onNode(`cat ${mainFile}`);
    await lab.onNode('n1', ['tee', `${mainFile}.new`], mainBefore);
    await onNode(`mv ${mainFile}.new ${mainFile} && systemctl restart containerd`);

    await untilDrifted(1);
    await untilRepaired(1);

    expect(await onNode(`cat ${mainFile}`)).toBe(installed);
    expect(await readNodeState(lab, 'n1')).toMatchObject(serving);
    expect(await kata('verify')).toContain('All is as it was installed.');
  });

  test('a link of ours is deleted', async () => {
    await onNode('rm /opt/kata/bin');

    await untilDrifted(2);
    await untilRepaired(2);

    expect((await onNode('readlink /opt/kata/bin')).trim()).toBe('current/bin');
    expect(await readNodeState(lab, 'n1')).toMatchObject(serving);
  });

  test("the engine's folder is removed and recreated: the waiter is restarted with the new mount and sees the change", async () => {
    await onNode(`cp -a /etc/containerd /root/saved && rm -r /etc/containerd && cp -a /root/saved /etc/containerd
      sed -i '/opt.kata/d' ${mainFile}`);

    await waitFor({ what: 'the repair', timeoutMs: 120_000 }, async () =>
      (await onNode(`cat ${mainFile}`)).includes('/opt/kata/') ? true : undefined,
    );
    await untilRepaired(3);
  });
});

test('missing labels, as on a node object that was deleted and registered again, are restored and reported', async () => {
  // A check of the waiter between the two commands would see only half.
  await untilNoDrift();
  await lab.kubectl(['label', 'node', 'n1', `${own}-`, `${shared}-`, `${qemu}-`, `${status}-`]);
  await lab.kubectl(['annotate', 'node', 'n1', `${status}-`]);

  expect(await kata('drift')).toContain('no drift');

  expect(await readNodeState(lab, 'n1')).toMatchObject(serving);
  expect((await readEvents(lab, 'n1')).at(-1)).toBe('NodeReturned');
});

test('drift is only reported when configured so, until it is gone', async () => {
  await release('upgrade', { drift: 'report' });
  await untilNoDrift();
  const [drifts, repairs] = [await countOf('Drifted'), await countOf('DriftRepaired')];
  const installed = await onNode(`cat ${mainFile}`);
  await lab.onNode('n1', ['tee', mainFile], mainBefore);
  await onNode('systemctl restart containerd');

  await untilDrifted(drifts + 1);
  await waitFor({ what: 'the labels to be false', timeoutMs: 10_000 }, async () =>
    (await readNodeState(lab, 'n1'))[shared] === 'false' ? true : undefined,
  );
  const { status: said, ...labels } = await readNodeState(lab, 'n1');
  expect(said).toBe(`drifted Drifted ${version}`);
  expect(labels).not.toHaveProperty(qemu);
  expect(await onNode(`cat ${mainFile}`)).toBe(mainBefore);

  await lab.onNode('n1', ['tee', mainFile], installed);
  await onNode('systemctl restart containerd');

  await waitFor({ what: 'the status installed', timeoutMs: 60_000 }, async () =>
    (await phase()) === '' ? true : undefined,
  );
  expect(await readNodeState(lab, 'n1')).toMatchObject(serving);
  expect(await countOf('DriftRepaired')).toBe(repairs);
});

test('a node object that was deleted and registered again by kubelet has its labels again within seconds', async () => {
  const named = await countOf('NodeReturned');
  await onNode('systemctl stop kubelet');
  await lab.kubectl(['delete', 'node', 'n1']);
  await onNode('systemctl start kubelet');
  await lab.kubectl(['wait', '--for=create', 'node/n1', '--timeout=60s']);

  await waitFor({ what: 'the labels', timeoutMs: 30_000, intervalMs: 250 }, async () =>
    (await readNodeState(lab, 'n1'))['status'] === serving.status ? true : undefined,
  );
  expect(await readNodeState(lab, 'n1')).toMatchObject(serving);
  await waitFor({ what: 'the Event', timeoutMs: 10_000 }, async () =>
    (await countOf('NodeReturned')) === named + 1 ? true : undefined,
  );
});
