/** Issue 12.21: labels are true only for handlers that are served, and the status reports each failure, also before the first step. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  ClusterInstaller,
  name,
  namespace,
  readEvents,
  readNodeState,
  type RunOptions,
} from '../driver/cluster-installer.ts';
import { LabDriver } from '../driver/lab-driver.ts';

const lab = new LabDriver('test-labels');
const installer = new ClusterInstaller(lab, 'n1');
const own = 'kata-deploy.katacontainers.io/default';
const shared = 'katacontainers.io/kata-runtime';
const status = 'katacontainers.io/kata-deploy-status';
const [qemu, clh] = ['handler.katacontainers.io/kata-qemu', 'handler.katacontainers.io/kata-clh'];
const install = ['install', '--once'];
/** No engine of the lab has this snapshotter. */
const refused: RunOptions = { env: { SNAPSHOTTER_HANDLER_MAPPING_X86_64: 'qemu:nydus' } };

async function claims(): Promise<void> {
  const labels = [own, shared, qemu, clh].map((label) => `${label}=true`);
  await lab.kubectl(['label', '--overwrite', 'node', 'n1', ...labels]);
}

async function succeed(words: readonly string[], options: RunOptions = {}): Promise<string> {
  const { exitCode, stdout, stderr } = await installer.run(words, options);
  expect(exitCode, stderr).toBe(0);
  return `${stdout}\n${stderr}`;
}

async function said(): Promise<Record<string, string>> {
  const text = await lab.kubectl([
    ...[
      'get',
      'node',
      'n1',
      `--output=jsonpath={.metadata.annotations.${status.replaceAll('.', String.raw`\.`)}}`,
    ],
  ]);
  return JSON.parse(text) as Record<string, string>;
}

beforeAll(async () => {
  await lab.down();
  await lab.up(['--nodes', '1', '--engine', 'containerd-2.2']);
  await lab.lab(['publish']);
  await ClusterInstaller.applyRbac(lab);
  await installer.prepare(['3.24.0', '3.25.0']);
  await lab.kubectl(['get', 'serviceaccount', name, '--namespace', namespace]);
});

afterAll(async () => {
  await lab.down();
});

test('cases/18, a reimaged machine: labels that were set before Kata become false, and the failure is reported', async () => {
  await claims();

  const { exitCode, stderr } = await installer.run(install, refused);

  expect(exitCode).toBe(3);
  expect(stderr).toMatch(/has no snapshotter nydus\S* \(for kata-qemu\)/);
  expect(await readNodeState(lab, 'n1')).toEqual({
    [own]: 'false',
    [shared]: 'false',
    status: 'failed InstallFailed',
  });
  expect(await said()).toMatchObject({ code: 'KATA_ENGINE_SNAPSHOTTER', phase: 'failed' });
  expect((await readEvents(lab, 'n1')).at(-1)).toBe('InstallFailed');
});

test('refused settings are reported on the node, before the first step', async () => {
  await claims();

  const { exitCode } = await installer.run(install, { env: { SHIMS_X86_64: 'nosuchshim' } });

  expect(exitCode).toBe(2);
  expect(await said()).toMatchObject({ phase: 'failed', code: 'KATA_CONFIG_INVALID' });
  expect((await said())['message']).toContain('nosuchshim');
  expect(await readNodeState(lab, 'n1')).toMatchObject({ [own]: 'false', [shared]: 'false' });
  expect((await readEvents(lab, 'n1')).at(-1)).toBe('InstallFailed');
});

test('a refused upgrade leaves the labels of the served handlers', async () => {
  await succeed(install);
  await installer.run(install, { ...refused, version: '3.25.0' });

  expect(await readNodeState(lab, 'n1')).toEqual({
    [own]: 'true',
    [shared]: 'true',
    [qemu]: 'true',
    [clh]: 'true',
    status: 'failed InstallFailed 3.24.0',
  });
});

test('a newer version is reported as Upgraded, an older one as Downgraded', async () => {
  await succeed(install, { version: '3.25.0' });
  await succeed(install, { version: '3.24.0' });

  expect((await readEvents(lab, 'n1')).slice(-2)).toEqual(['Upgraded', 'Downgraded']);
  expect((await said())['version']).toBe('3.24.0');
});

test('a node object that was deleted and registered again gets its labels, and an Event reports it', async () => {
  const labels = [own, shared, qemu, clh, status].map((label) => `${label}-`);
  await lab.kubectl(['label', 'node', 'n1', ...labels]);
  await lab.kubectl(['annotate', 'node', 'n1', `${status}-`]);

  await succeed(install);

  expect(await readNodeState(lab, 'n1')).toMatchObject({ [own]: 'true', [shared]: 'true', [qemu]: 'true' });
  expect((await readEvents(lab, 'n1')).at(-1)).toBe('NodeReturned');
});

test('after the removal no label and no status is left', async () => {
  await succeed(['cleanup']);

  expect(await readNodeState(lab, 'n1')).toEqual({});
});
