/** The full lifecycle on a real cluster: the chart installs, upgrades and removes Kata on three engines. */
import { Progress } from '@kata/report';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runFullLifecycle } from '../demo/full-lifecycle.ts';
import { LabDriver } from '../driver/lab-driver.ts';

const lab = new LabDriver('test-lifecycle');
const noProgress = new Progress(() => undefined);

beforeAll(async () => {
  await lab.down();
  await lab.up(['--engine', 'containerd-2.4', '--engine', 'containerd-2.2', '--engine', 'containerd-1.6']);
  await lab.lab(['publish']);
});

afterAll(async () => {
  await lab.down();
});

test('an invalid value of the chart is refused before anything changes', async () => {
  const { registry } = JSON.parse(await lab.lab(['status', '--output', 'json'])) as { registry: string };

  const refused = await lab.tryLab([
    ...['helm', 'install', 'kata-deploy', `oci://${registry}/charts/kata-deploy`, '--plain-http'],
    ...['--version', '3.24.0', '--set', 'shims.qemuu.enabled=true'],
  ]);

  expect(refused.exitCode).not.toBe(0);
  expect(refused.stderr).toContain("at '/shims': additional properties 'qemuu' not allowed");
  expect(await lab.kubectl(['get', 'daemonsets', '--all-namespaces', '--output=name'])).toBe('');
});

test('install, run pods, upgrade and remove while they are running, clean up when they have ended', async () => {
  const rows = await runFullLifecycle(lab, ['n1', 'n2', 'n3'], noProgress);

  expect(rows.map(({ node, step }) => `${node} ${step}`)).toEqual([
    ...['n1 install', 'n2 install', 'n3 install'],
    ...['n1 run', 'n2 run', 'n3 run'],
    ...['n1 upgrade', 'n1 upgrade', 'n2 upgrade', 'n2 upgrade', 'n3 upgrade', 'n3 upgrade'],
    ...['n1 uninstall', 'n2 uninstall', 'n3 uninstall'],
    ...['n1 remove', 'n2 remove', 'n3 remove'],
  ]);
});
