/** Installs, upgrades and removes Kata on all nodes while pods are running; returns what it observed as rows of a table. */
import { strict as assert } from 'node:assert';
import { waitFor } from '@kata/core';
import { formatSeconds, type Progress } from '@kata/report';
import { inParallel } from '../driver/in-parallel.ts';
import {
  containerRestarts,
  helmRelease,
  helmUninstall,
  newestShimVersion,
  podKeepsRunning,
  readOurMetadata,
  readTree,
  readUnitStart,
  readWritten,
  restartKubelet,
  runCleanup,
  startKataPod,
} from '../driver/kata-steps.ts';
import { answeringPod, type LabDriver, type PodState } from '../driver/lab-driver.ts';

export interface LifecycleRow {
  readonly node: string;
  readonly step: string;
  readonly seen: string;
}

/** The container runtime of the nodes. */
export interface TestedRuntime {
  readonly title: string;
  readonly unit: string;
  /** Of the chart. */
  readonly values: object;
}

const containerd: TestedRuntime = { title: 'containerd', unit: 'containerd.service', values: {} };

interface Walk {
  readonly runtime: TestedRuntime;
  readonly lab: LabDriver;
  readonly nodes: readonly string[];
  readonly progress: Progress;
  readonly rows: LifecycleRow[];
}

export async function runFullLifecycle(
  lab: LabDriver,
  nodes: readonly string[],
  progress: Progress,
  runtime: TestedRuntime = containerd,
): Promise<readonly LifecycleRow[]> {
  const walk: Walk = { runtime, lab, nodes, progress, rows: [] };
  const before = new Map(await inParallel(nodes, async (node) => [node, await readTree(lab, node)] as const));
  await installAndRun(walk);
  const old = await step(walk, 'start Kata pods on 3.24.0', async () => await startOldPods(walk));
  await upgrade(walk, old);
  await uninstall(walk, old);
  await compareWithBefore(walk, before);
  return walk.rows;
}

async function step<T>(walk: Walk, title: string, run: () => Promise<T>): Promise<T> {
  return await walk.progress.task(title, async () => await run());
}

function note(walk: Walk, node: string, stepName: string, seen: string): void {
  walk.rows.push({ node, step: stepName, seen });
}

async function installAndRun(walk: Walk): Promise<void> {
  const startedAt = performance.now();
  await step(walk, 'helm install 3.24.0', async () => {
    await helmRelease(walk.lab, '3.24.0', 'install', walk.runtime.values);
  });
  const seconds = formatSeconds((performance.now() - startedAt) / 1000);
  for (const node of walk.nodes) {
    const metadata = await readOurMetadata(walk.lab, node);
    assert.equal(metadata['katacontainers.io/kata-runtime'], 'true');
    note(walk, node, 'install', `3.24.0 on all nodes after ${seconds}: ${await readWritten(walk.lab, node)}`);
  }
}

async function startOldPods(walk: Walk): Promise<readonly PodState[]> {
  const pods = await inParallel(walk.nodes, async (node) => {
    const pod = await startKataPod(walk.lab, `old-${node}`, node);
    assert.equal(await newestShimVersion(walk.lab, node), '3.24.0');
    return pod;
  });
  for (const pod of pods) {
    note(walk, pod.node, 'run', `Kata pod ${pod.name} answers; its shim has version 3.24.0`);
  }
  return pods;
}

async function upgrade(walk: Walk, old: readonly PodState[]): Promise<void> {
  const { lab, nodes, runtime } = walk;
  const starts = new Map(
    await inParallel(nodes, async (node) => [node, await readUnitStart(lab, node, runtime.unit)] as const),
  );
  const startedAt = performance.now();
  await step(walk, 'helm upgrade 3.25.0', async () => {
    await helmRelease(lab, '3.25.0', 'upgrade', runtime.values);
  });
  const seconds = formatSeconds((performance.now() - startedAt) / 1000);
  await step(walk, 'check the pods after the upgrade', async () => {
    const written = await inParallel(old, async (pod) => {
      await podKeepsRunning(lab, pod);
      assert.equal(await readUnitStart(lab, pod.node, runtime.unit), starts.get(pod.node));
      await startKataPod(lab, `new-${pod.node}`, pod.node);
      assert.equal(await newestShimVersion(lab, pod.node), '3.25.0');
      await lab.deletePod(`new-${pod.node}`);
      await containerRestarts(lab, pod);
      return await readWritten(lab, pod.node);
    });
    for (const [i, pod] of old.entries()) {
      note(walk, pod.node, 'upgrade', `3.25.0 on all nodes after ${seconds}: ${written[i] ?? ''}`);
      note(
        walk,
        pod.node,
        'upgrade',
        `${runtime.title} was not restarted; new pods use 3.25.0; ${pod.name} kept running`,
      );
    }
  });
}

async function uninstall(walk: Walk, old: readonly PodState[]): Promise<void> {
  const { lab, nodes } = walk;
  await step(walk, 'helm uninstall', async () => {
    await helmUninstall(lab);
    await inParallel(nodes, async (node) => {
      await waitFor({ what: `status cleanup-pending of ${node}`, timeoutMs: 120_000 }, async () => {
        const status = (await readOurMetadata(lab, node))['katacontainers.io/kata-deploy-status'] ?? '{}';
        const { phase, reason } = JSON.parse(status) as { phase?: string; reason?: string };
        return phase === 'cleanup-pending' && reason === 'SandboxesLive' ? true : undefined;
      });
    });
    await inParallel(nodes, async (node) => {
      const labels = await readOurMetadata(lab, node);
      assert.equal(labels['katacontainers.io/kata-runtime'], 'true');
      assert.equal(labels['handler.katacontainers.io/kata-qemu'], 'true');
      await restartKubelet(lab, node);
    });
    for (const node of nodes) {
      note(
        walk,
        node,
        'uninstall',
        'cleanup pending: the Kata pod keeps running, also after a restart of kubelet',
      );
    }
    await inParallel(old, async (pod) => {
      // kubelet may only just know its pods again.
      const name = await waitFor(
        { what: `${pod.name} to answer`, timeoutMs: 60_000 },
        async () => await lab.inPod(pod.name, ['hostname']),
      );
      assert.equal(name.trim(), pod.name);
    });
  });
  await step(walk, 'delete the pods and clean up', async () => {
    await inParallel(old, async (pod) => {
      await lab.deletePod(pod.name);
      await runCleanup(lab, '3.25.0', pod.node, walk.runtime.values);
    });
  });
}

/** Nothing of Kata is left, and ordinary pods still run. */
async function compareWithBefore(walk: Walk, before: ReadonlyMap<string, readonly string[]>): Promise<void> {
  const { lab, nodes } = walk;
  await step(walk, 'compare the nodes with their state before', async () => {
    await inParallel(nodes, async (node) => {
      assert.deepEqual(await readTree(lab, node), before.get(node));
      assert.deepEqual(await readOurMetadata(lab, node), {});
      await lab.apply(answeringPod({ name: `plain-${node}`, node }));
      await lab.waitForPod(`plain-${node}`);
    });
    for (const node of nodes) {
      note(walk, node, 'remove', '/etc and /opt are unchanged, no label is left, and an ordinary pod runs');
    }
  });
}
