/** Our image under a DaemonSet as upstream's chart renders it: it installs, answers probes, decides when told to end. */
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

/** Waits for the pod, too, which decides as it ends. */
const uninstall = async (): Promise<void> => {
  await lab.kubectl([
    ...['delete', 'daemonset', daemonSetName, '--namespace', namespace],
    ...['--cascade=foreground', '--timeout=300s'],
  ]);
};

/** Directories that kubelet makes for mounts stay, empty. */
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

test('it installs, is ready by its probes, labels the node, and a Kata pod runs', async () => {
  await lab.apply(...upstreamRbac());
  await installed();

  expect(await readNodeState(lab, 'n1')).toEqual(serving);
  pod = await startKataPod(lab, 'kata-pod', 'n1');
  expect(await newestShimVersion(lab, 'n1')).toBe('3.24.0');
});

test('a restart of its pod removes nothing, restarts no engine, and the Kata pod lives on', async () => {
  const started = await readUnitStart(lab, 'n1');

  await lab.kubectl(['rollout', 'restart', `daemonset/${daemonSetName}`, '--namespace', namespace]);
  await installed();

  expect(await readUnitStart(lab, 'n1')).toBe(started);
  expect(await readNodeState(lab, 'n1')).toEqual(serving);
  await podKeepsRunning(lab, pod);
});

test('deleted under a living Kata pod, it leaves everything for it, and says so', async () => {
  await uninstall();

  expect(await readNodeState(lab, 'n1')).toEqual({
    // What its class selects: kubelet admits a running pod anew when it starts.
    'handler.katacontainers.io/kata-qemu': 'true',
    'kata-deploy.katacontainers.io/default': 'true',
    'katacontainers.io/kata-runtime': 'true',
    status: 'cleanup-pending SandboxesLive 3.24.0',
  });
  await podKeepsRunning(lab, pod);
});

test('installed again and deleted when the pod has ended, it leaves the node as it was', async () => {
  await installed();
  expect(await readNodeState(lab, 'n1')).toEqual(serving);
  await lab.deletePod(pod.name);
  await waitFor({ what: 'the pod to be gone', timeoutMs: 60_000 }, async () => {
    const left = await lab.kubectl(['get', 'pod', pod.name, '--ignore-not-found', '--output=name']);
    return left === '' ? true : undefined;
  });

  await uninstall();

  expect(await readNodeState(lab, 'n1')).toEqual({});
  expect(withoutMounts(await readTree(lab, 'n1'))).toEqual(withoutMounts(before));
});
