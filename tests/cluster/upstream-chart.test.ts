/** Our image in the DaemonSet of upstream's chart: it installs, answers probes, and on SIGTERM decides about the cleanup. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { waitFor } from '@kata/core';
import { readNodeState } from '../driver/cluster-installer.ts';
import {
  newestShimVersion,
  podKeepsRunning,
  readTree,
  readUnitStart,
  startKataPod,
} from '../driver/kata-steps.ts';
import { LabDriver, type PodState } from '../driver/lab-driver.ts';
import { daemonSetName, namespace, upstreamDaemonSet, upstreamRbac } from '../driver/upstream-chart.ts';

const lab = new LabDriver('test-upstream');
const image = 'registry.lab:5000/kata-deploy:3.24.0';
const serving = {
  'handler.katacontainers.io/kata-clh': 'true',
  'handler.katacontainers.io/kata-qemu': 'true',
  'kata-deploy.katacontainers.io/default': 'true',
  'katacontainers.io/kata-runtime': 'true',
  status: 'installed Installed 3.24.0',
};

let before: readonly string[];
let pod: PodState;

const installed = async (): Promise<void> => {
  await lab.apply(upstreamDaemonSet(image));
  await lab.kubectl([
    ...['rollout', 'status', `daemonset/${daemonSetName}`, '--namespace', namespace, '--timeout=300s'],
  ]);
};

/** Also waits for the pod, which decides about the cleanup before it ends. */
const uninstall = async (): Promise<void> => {
  await lab.kubectl([
    ...['delete', 'daemonset', daemonSetName, '--namespace', namespace],
    ...['--cascade=foreground', '--timeout=300s'],
  ]);
};

/** Empty directories that kubelet creates for mounts stay. */
const withoutMounts = (tree: readonly string[]): readonly string[] =>
  tree.filter((line) => !/^(opt\/kata|etc\/crio) d /.test(line));

beforeAll(async () => {
  await lab.down();
  await lab.up(['--nodes', '1', '--engine', 'containerd-2.2']);
  await lab.lab(['publish']);
  before = await readTree(lab, 'n1');
});

afterAll(async () => {
  await lab.down();
});

test('it installs, its probes succeed, the node is labelled, and a Kata pod runs', async () => {
  await lab.apply(...upstreamRbac());
  await installed();

  expect(await readNodeState(lab, 'n1')).toEqual(serving);
  pod = await startKataPod(lab, 'kata-pod', 'n1');
  expect(await newestShimVersion(lab, 'n1')).toBe('3.24.0');
});

test('a restart of its pod removes nothing and restarts no engine, and the Kata pod keeps running', async () => {
  const started = await readUnitStart(lab, 'n1');

  await lab.kubectl(['rollout', 'restart', `daemonset/${daemonSetName}`, '--namespace', namespace]);
  await installed();

  expect(await readUnitStart(lab, 'n1')).toBe(started);
  expect(await readNodeState(lab, 'n1')).toEqual(serving);
  await podKeepsRunning(lab, pod);
});

test('deleted while a Kata pod is running, it keeps what the pod needs and reports cleanup-pending', async () => {
  await uninstall();

  expect(await readNodeState(lab, 'n1')).toEqual({
    // What its RuntimeClass selects: kubelet admits running pods again when it restarts.
    'handler.katacontainers.io/kata-qemu': 'true',
    'kata-deploy.katacontainers.io/default': 'true',
    'katacontainers.io/kata-runtime': 'true',
    status: 'cleanup-pending SandboxesLive 3.24.0',
  });
  await podKeepsRunning(lab, pod);
});

test('installed again and deleted after the pod has ended, it restores the node', async () => {
  await installed();
  expect(await readNodeState(lab, 'n1')).toEqual(serving);
  await lab.deletePod(pod.name);
  await waitFor({ what: 'deletion of the pod', timeoutMs: 60_000 }, async () => {
    const left = await lab.kubectl(['get', 'pod', pod.name, '--ignore-not-found', '--output=name']);
    return left === '' ? true : undefined;
  });

  await uninstall();

  expect(await readNodeState(lab, 'n1')).toEqual({});
  expect(withoutMounts(await readTree(lab, 'n1'))).toEqual(withoutMounts(before));
});
