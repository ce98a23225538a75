/**
 * Issues 12.8 and 12.9: what delays a removal, and what stays for running pods. Cases 07-leaked-sandbox-trace and
 * 14-kubelet-restart-while-pending, on engines that list their sandboxes by different code.
 */
import { waitFor } from '@kata/core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readNodeState } from '../driver/cluster-installer.ts';
import { inParallel } from '../driver/in-parallel.ts';
import {
  helmRelease,
  helmUninstall,
  podKeepsRunning,
  readTree,
  restartKubelet,
  runCleanup,
  startKataPod,
} from '../driver/kata-steps.ts';
import { LabDriver, type PodState } from '../driver/lab-driver.ts';

const lab = new LabDriver('test-running-pods');
const nodes = ['n1', 'n2'] as const;
const namespace = 'kata';
/** Traces as the Go and the Rust runtime leave them, without a shim or a hypervisor process. */
const leaked = ['/run/vc/sbs', '/run/kata'].map((folder) => `${folder}/${'0123456789abcdef'.repeat(4)}`);
const needed = {
  'handler.katacontainers.io/kata-qemu': 'true',
  'kata-deploy.katacontainers.io/default': 'true',
  'katacontainers.io/kata-runtime': 'true',
};

let before: ReadonlyMap<string, readonly string[]>;
let pods: readonly PodState[];

async function inInstaller(node: string, ...words: readonly string[]): Promise<string> {
  const pod = await lab.kubectl([
    ...['get', 'pods', '--namespace', namespace, '--selector=name=kata-deploy', '--output=name'],
    `--field-selector=spec.nodeName=${node}`,
  ]);
  return await lab.kubectl(['exec', pod.trim(), '--namespace', namespace, '--', 'kata-deploy', ...words]);
}

async function restartKubelets(): Promise<void> {
  await inParallel(nodes, async (node) => {
    await restartKubelet(lab, node);
  });
}

beforeAll(async () => {
  await lab.down();
  await lab.up(['--engine', 'containerd-2.4', '--engine', 'containerd-1.7']);
  await lab.lab(['publish']);
  before = new Map(await inParallel(nodes, async (node) => [node, await readTree(lab, node)] as const));
  await helmRelease(lab, '3.24.0', 'install');
  pods = await inParallel(nodes, async (node) => await startKataPod(lab, `keeps-running-${node}`, node));
  await inParallel(nodes, async (node) => {
    await lab.onNode(node, ['mkdir', '-p', ...leaked]);
  });
});

afterAll(async () => {
  await lab.down();
});

test('issue 12.8, case 07: a trace without a sandbox is not counted, and is reported with the command that removes it', async () => {
  await inParallel(nodes, async (node) => {
    const status = await inInstaller(node, 'status');
    expect(status).toContain(`1 running: default/keeps-running-${node}`);
    for (const path of leaked) expect(status).toContain(`rm -r ${path}`);
    expect(await inInstaller(node, 'doctor')).toContain(`rm -r ${leaked[0] ?? ''}`);
  });
});

test('reset keeps the labels that a running pod needs, and the pod survives a restart of kubelet', async () => {
  await inParallel(nodes, async (node) => {
    expect(await inInstaller(node, 'reset')).toContain(`default/keeps-running-${node}`);
    expect(await readNodeState(lab, node)).toMatchObject(needed);
  });

  await restartKubelets();

  for (const pod of pods) await podKeepsRunning(lab, pod);
});

test('issue 12.9, case 14: while a removal waits for pods, their labels stay, and they survive a restart of kubelet', async () => {
  await helmUninstall(lab);
  await inParallel(nodes, async (node) => {
    await waitFor({ what: `status cleanup-pending of ${node}`, timeoutMs: 120_000 }, async () => {
      const { status = '' } = await readNodeState(lab, node);
      return status.startsWith('cleanup-pending SandboxesLive') ? true : undefined;
    });
    expect(await readNodeState(lab, node)).toEqual({
      ...needed,
      status: expect.stringContaining('cleanup-pending SandboxesLive') as unknown,
    });
  });

  await restartKubelets();

  for (const pod of pods) await podKeepsRunning(lab, pod);
});

test('when the pods have ended, a cleanup removes everything, although traces are left', async () => {
  await inParallel(pods, async (pod) => {
    await lab.kubectl(['delete', 'pod', pod.name, '--wait']);
    await runCleanup(lab, '3.24.0', pod.node);
    expect(await readNodeState(lab, pod.node)).toEqual({});
    expect(await readTree(lab, pod.node)).toEqual(before.get(pod.node));
  });
});
