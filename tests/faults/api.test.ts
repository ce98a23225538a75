/** The API server is slow, unreachable or returns errors while the installer runs on a real node: it ends with a clear error and nothing half done. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ClusterInstaller, readNodeState } from '../driver/cluster-installer.ts';
import type { FaultRule } from '../driver/faulty-api.ts';
import { readTree } from '../driver/kata-steps.ts';
import { LabDriver } from '../driver/lab-driver.ts';

const lab = new LabDriver('test-api-faults');
const installer = new ClusterInstaller(lab, 'n1');
const installWords = ['install', '--once'];
const own = 'kata-deploy.katacontainers.io/default';
const shared = 'katacontainers.io/kata-runtime';
const serving = {
  'handler.katacontainers.io/kata-clh': 'true',
  'handler.katacontainers.io/kata-qemu': 'true',
  [own]: 'true',
  [shared]: 'true',
  status: 'installed Installed 3.24.0',
};

beforeAll(async () => {
  await lab.down();
  await lab.up(['--engine', 'containerd-2.2', '--nodes', '1']);
  await lab.lab(['publish', '--size', 'small']);
  await ClusterInstaller.applyRbac(lab);
  await installer.installer.unpack('3.24.0', '3.24.0-small');
  await installer.connect();
});

afterAll(async () => {
  await lab.down();
});

describe('before anything is changed', () => {
  test.each<[string, FaultRule, number, string]>([
    ['401', { status: 401 }, 3, 'the credentials are not valid (HTTP 401)'],
    ['403 on the node', { path: '/nodes/', status: 403 }, 3, 'forbidden (HTTP 403)'],
    ['409 each time', { method: 'PATCH', status: 409 }, 75, 'it is being modified concurrently (HTTP 409)'],
    ['429 with a long wait', { status: 429, retryAfter: 600 }, 75, 'the API server is overloaded (HTTP 429)'],
    ['500 each time', { status: 500 }, 75, 'internal error of the server (HTTP 500) after'],
    ['no answer', { delayMs: 120_000 }, 75, 'did not answer after'],
    ['closed connections', { status: 0 }, 75, 'did not answer after'],
  ])('%s ends the run, and the node is unchanged', async (_, rule, exitCode, message) => {
    const before = await readTree(lab, 'n1');
    await installer.setRules(rule);

    const result = await installer.run(installWords, { isFaulty: true });

    expect({ exitCode: result.exitCode, stderr: result.stderr }).toEqual({
      exitCode,
      stderr: expect.stringContaining(message),
    });
    expect(result.stderr).toContain('next: ');
    expect(await readTree(lab, 'n1')).toEqual(before);
    expect(await readNodeState(lab, 'n1')).toEqual({});
  });
});

test('labels that cannot be written are written by the next run, which has nothing else to do', async () => {
  await installer.setRules({ method: 'PATCH', path: '/nodes/', skip: 1, status: 403 });

  const failed = await installer.run(installWords, { isFaulty: true });

  expect(failed.exitCode).toBe(3);
  expect(await readNodeState(lab, 'n1')).toEqual({ [own]: 'false', [shared]: 'false' });
  await installer.setRules();
  const { exitCode, stderr } = await installer.run(installWords, { isFaulty: true });
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: expect.stringContaining('nothing to do') });
  expect(await readNodeState(lab, 'n1')).toEqual(serving);
});

test.each<[string, FaultRule]>([
  ['a conflict', { method: 'PATCH', status: 409, times: 2 }],
  ['410', { status: 410, times: 2 }],
  ['429 with Retry-After', { status: 429, retryAfter: 1, times: 2 }],
  ['500', { status: 500, times: 3 }],
  ['503', { status: 503, times: 3 }],
  ['a closed connection', { status: 0, times: 2 }],
  ['a late answer', { delayMs: 12_000, times: 1 }],
])('the run succeeds in spite of %s', async (_, rule) => {
  await lab.kubectl(['label', '--overwrite', 'node', 'n1', `${shared}=false`]);
  await installer.setRules(rule);

  const { exitCode } = await installer.run(installWords, { isFaulty: true });

  expect(exitCode).toBe(0);
  expect(await readNodeState(lab, 'n1')).toEqual(serving);
});

test('a run succeeds when its Events are refused', async () => {
  await installer.setRules({ path: '/events', status: 403 });

  expect((await installer.run(installWords, { isFaulty: true })).exitCode).toBe(0);
});

test.each<[string, FaultRule, number, string]>([
  ['its DaemonSet', { path: '/daemonsets/', status: 500 }, 75, serving.status],
  ['other installations', { path: '/daemonsets$', status: 403 }, 3, 'cleanup-pending RemovalFailed 3.24.0'],
])('a removal that cannot read %s removes nothing', async (_, rule, exitCode, status) => {
  await installer.setRules(rule);

  // It retries during the pod's grace period, minus the time for the engine's restart.
  const env = { TERMINATION_GRACE_SECONDS: '60' };
  expect((await installer.run(['decide'], { isFaulty: true, env })).exitCode).toBe(exitCode);

  expect(await readNodeState(lab, 'n1')).toEqual({ ...serving, status });
  expect(await lab.onNode('n1', ['ls', '/opt'])).toContain('kata');
});

test('a removal whose last request fails is finished by the next run', async () => {
  await installer.setRules({ method: 'PATCH', path: '/nodes/', skip: 1, status: 403 });

  expect((await installer.run(['cleanup'], { isFaulty: true })).exitCode).toBe(3);

  expect(await readNodeState(lab, 'n1')).toEqual({
    [own]: 'false',
    [shared]: 'false',
    // Of the removal before: it stays until one succeeds.
    status: 'cleanup-pending RemovalFailed 3.24.0',
  });
  await installer.setRules();
  expect((await installer.run(['cleanup'], { isFaulty: true })).exitCode).toBe(0);
  expect(await readNodeState(lab, 'n1')).toEqual({});
});
