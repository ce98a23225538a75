/** Kata on CRI-O: the full lifecycle by the chart, and a unit that would kill running pods. */
import { Progress } from '@kata/report';
import { waitFor } from '@kata/core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runFullLifecycle } from '../demo/full-lifecycle.ts';
import { helm } from '../driver/helm.ts';
import {
  helmRelease,
  podKeepsRunning,
  readOurMetadata,
  readUnitStart,
  startKataPod,
  waitForRollout,
} from '../driver/kata-steps.ts';
import { LabDriver } from '../driver/lab-driver.ts';

const lab = new LabDriver('test-crio');
const noProgress = new Progress(() => undefined);
const unit = 'crio.service';
const values = { containerRuntimes: ['crio'] };
const dropIn = `/etc/systemd/system/${unit}.d/kata.conf`;

interface NodeStatus {
  readonly phase?: string;
  readonly code?: string;
  readonly message?: string;
}

async function readStatus(): Promise<NodeStatus> {
  const metadata = await readOurMetadata(lab, 'n1');
  return JSON.parse(metadata['katacontainers.io/kata-deploy-status'] ?? '{}') as NodeStatus;
}

beforeAll(async () => {
  await lab.down();
  await lab.up(['--engine', 'crio-1.36']);
  await lab.lab(['publish']);
});

afterAll(async () => {
  await lab.down();
});

test('install, run a pod, upgrade and remove while it is running, clean up when it has ended', async () => {
  const rows = await runFullLifecycle(lab, ['n1'], noProgress, { title: 'CRI-O', unit, values });

  expect(rows.map(({ node, step }) => `${node} ${step}`)).toEqual([
    ...['n1 install', 'n1 run', 'n1 upgrade', 'n1 upgrade', 'n1 uninstall', 'n1 remove'],
  ]);
});

test('where a restart would kill a running pod, nothing changes until the unit spares it', async () => {
  await helmRelease(lab, '3.24.0', 'install', values);
  const pod = await startKataPod(lab, 'spared', 'n1');
  const start = await readUnitStart(lab, 'n1', unit);
  // As upstream's unit is.
  await lab.onNode('n1', ['sh', '-c', `rm ${dropIn} && systemctl daemon-reload`]);

  // More handlers: CRI-O must be restarted.
  await helm(lab, 'upgrade', { version: '3.24.0', values: { ...values, debug: true } });
  const refused = await waitFor({ what: 'the refusal', timeoutMs: 180_000 }, async () => {
    const status = await readStatus();
    return status.phase === 'failed' ? status : undefined;
  });

  expect(refused).toMatchObject({
    code: 'KATA_ENGINE_KILL_MODE',
    message: `a restart of ${unit} would kill running Kata pods (default/spared): its KillMode is control-group`,
  });
  expect(await readUnitStart(lab, 'n1', unit)).toBe(start);
  await podKeepsRunning(lab, pod);

  const [, command = ''] = /run: (mkdir .*)$/m.exec(await lastLog()) ?? [];
  await lab.onNode('n1', ['sh', '-c', command]);
  await waitForRollout(lab);

  expect(await readStatus()).toMatchObject({ phase: 'installed' });
  await podKeepsRunning(lab, pod);
});

/** Of the installer, which has ended with an error. */
async function lastLog(): Promise<string> {
  const words = ['logs', 'daemonset/kata-deploy', '--namespace=kata', '--container=install'];
  return await lab.kubectl([...words, '--tail=20']);
}

test('a configuration that CRI-O itself refuses is refused before any change, with its words', async () => {
  const start = await readUnitStart(lab, 'n1', unit);
  const bad = '/etc/crio/crio.conf.d/10-bad';
  await lab.onNode('n1', ['tee', bad], '[crio.runtime]\nlog_level = 7\n');
  await helm(lab, 'upgrade', { version: '3.24.0', values });

  const refused = await waitFor({ what: 'the refusal', timeoutMs: 180_000 }, async () => {
    const status = await readStatus();
    return status.phase === 'failed' ? status : undefined;
  });

  expect(refused).toMatchObject({ code: 'KATA_ENGINE_LOADER' });
  expect(refused.message).toContain(
    `${bad}: toml: line 2 (last key "crio.runtime.log_level"): incompatible types`,
  );
  expect(await readUnitStart(lab, 'n1', unit)).toBe(start);
  await lab.onNode('n1', ['rm', bad]);
  await waitForRollout(lab);
});
