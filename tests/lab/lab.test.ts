/** The lab: a cluster with three engines, the stand-in shim on each, power cuts, and nothing left after `lab down`. */
import { join } from 'node:path';
import { waitFor } from '@kata/core';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LabDriver, answeringPod, type PodState } from '../driver/lab-driver.ts';
import {
  logsAndExecWork,
  podRunsByDigest,
  podsReachApi,
  podsReachEachOther,
  podsSurviveEngineRestart,
  startPods,
} from '../driver/cluster-checks.ts';
import {
  installManually,
  kernelFile,
  type NodeEngine,
  readShimRecords,
  runtimeClass,
} from '../driver/manual-installation.ts';
import { killLabUp } from '../driver/kill-lab-up.ts';
import { compareSnapshots, type MachineSnapshot, takeSnapshot } from '../driver/machine-snapshot.ts';

const lab = new LabDriver('test');
const nodes = ['n1', 'n2', 'n3'];
const engines: Readonly<Record<string, NodeEngine>> = {
  n1: { schema: 3, knowsRuntimePath: true },
  n2: { schema: 3, knowsRuntimePath: true },
  n3: { schema: 2, knowsRuntimePath: false },
};

interface BuildResult {
  readonly rootFileSystem: string;
  readonly tools: { readonly shim: string };
}

let built: BuildResult;
let before: MachineSnapshot;
let pods: readonly PodState[];

beforeAll(async () => {
  await lab.down();
  built = JSON.parse(
    await lab.lab(['build', 'kube', 'cni', 'containerd-2.4', 'containerd-2.2', 'shim', '--output', 'json']),
  ) as BuildResult;
  before = await takeSnapshot(built.rootFileSystem);
  await lab.up(['--engine', 'containerd-2.4', '--engine', 'containerd-2.2', '--engine', 'containerd-1.6']);
});

afterAll(async () => {
  await lab.down();
});

describe('a cluster', () => {
  test('starts pods on three engines', async () => {
    pods = await startPods(lab, nodes);
    expect(pods.map((pod) => pod.node)).toEqual(nodes);
  });

  test('lets pods on different nodes reach each other by address', async () => {
    await podsReachEachOther(lab, pods);
  });

  test('lets pods reach the API at its service address, and enforces RBAC', async () => {
    await podsReachApi(lab, pods);
  });

  test('supports logs and exec', async () => {
    await logsAndExecWork(lab, pods);
  });

  test('runs a pod by digest from its registry', async () => {
    await podRunsByDigest(lab, 'n3', join(built.rootFileSystem, 'usr/bin/busybox'));
  });

  test('refuses anonymous requests', async () => {
    const status = JSON.parse(await lab.lab(['status', '--output', 'json'])) as { api: string };

    // Without checking the certificate.
    const code = await execa('curl', [
      '-sk',
      '-o',
      '/dev/null',
      '-w',
      '%{http_code}',
      `${status.api}/version`,
    ]);

    expect(code.stdout).toBe('401');
  });

  test('keeps pods running while their engine is restarted', async () => {
    await podsSurviveEngineRestart(lab, pods);
  });

  test('is not affected by a second lab', async () => {
    const second = new LabDriver('test-second');
    await second.up(['--nodes', '1']);
    try {
      await startPods(second, ['n1']);
      await podsReachEachOther(lab, pods);
    } finally {
      await second.down();
    }
    await podsReachEachOther(lab, pods);
  });
});

describe.each(Object.entries(engines))('the stand-in shim on %s', (node, engine) => {
  const name = `kata-${node}`;

  test('runs a pod of its runtime class', async () => {
    await installManually(lab, node, engine, built.tools.shim);
    await lab.apply(runtimeClass);
    await lab.apply(answeringPod({ name, node, runtimeClass: 'kata-qemu' }));

    await lab.waitForPod(name);

    expect((await lab.inPod(name, ['hostname'])).trim()).toBe(name);
    const records = await readShimRecords(lab, node);
    const sandbox = records.find((record) => record.event === 'create')?.sandbox;
    expect(new Set(records.filter((r) => r.sandbox === sandbox).map((r) => r.event))).toEqual(
      new Set(['start', 'daemon', 'create']),
    );
    expect(new Set(records.map((record) => record.version))).toEqual(new Set(['3.24.0']));
  });

  test('keeps its pod running through a restart of the engine', async () => {
    const pod = await lab.readPod(name);

    await podsSurviveEngineRestart(lab, [pod]);
  });

  test('fails a pod when the kernel is missing, and the event names the file', async () => {
    const broken = `broken-${node}`;
    await lab.onNode(node, ['mv', kernelFile, `${kernelFile}.away`]);
    await lab.apply(answeringPod({ name: broken, node, runtimeClass: 'kata-qemu' }));

    const events = await waitFor({ what: 'the event', timeoutMs: 60_000 }, async () => {
      const text = await lab.podEvents(broken);
      return text.includes('FailedCreatePodSandBox') ? text : undefined;
    });

    expect(events).toContain(`kernel of hypervisor.qemu does not exist: ${kernelFile}`);
    await lab.deletePod(broken);
    await lab.onNode(node, ['mv', `${kernelFile}.away`, kernelFile]);
  });
});

describe('nodes', () => {
  test('restart with their pods after a power cut', async () => {
    await lab.lab(['node', 'kill', 'n2']);
    await lab.lab(['node', 'start', 'n2']);

    await waitFor({ what: 'the pod to be restarted', timeoutMs: 120_000 }, async () => {
      const pod = await lab.readPod('pod-n2');
      return pod.ready && pod.restarts > 0 ? true : undefined;
    });
  });

  test('power off and on', async () => {
    await lab.lab(['node', 'stop', 'n1']);
    const status = JSON.parse(await lab.lab(['status', '--output', 'json'])) as {
      machines: readonly { name: string; running: boolean }[];
    };
    expect(status.machines.find((machine) => machine.name === 'n1')?.running).toBe(false);
    await lab.lab(['node', 'start', 'n1']);
  });

  test('can be added', async () => {
    await lab.lab(['node', 'add', 'n4']);

    const added = await startPods(lab, ['n4']);

    await podsReachEachOther(lab, added);
  });
});

test('a killed lab up leaves nothing after lab down', async () => {
  const other = new LabDriver('test-killed');

  const result = await killLabUp({
    lab: other,
    upWords: ['--nodes', '1'],
    rootFileSystem: built.rootFileSystem,
    killAfterMs: 3000,
  });

  expect(result).toEqual({ killed: true, left: [] });
});

test('lab down leaves nothing, also after a power cut of a node with running pods', async () => {
  await lab.lab(['node', 'kill', 'n3']);
  await lab.down();

  expect(compareSnapshots(before, await takeSnapshot(built.rootFileSystem))).toEqual([]);
});
