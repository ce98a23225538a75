/** What a cluster of the lab must be able to do: one function per ability, which throws when the cluster cannot. */
import { strict as assert } from 'node:assert';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { goArchitecture, waitFor } from '@kata/core';
import { writeImageLayout } from '@kata/oci';
import { inParallel } from './in-parallel.ts';
import { answeringPod, type LabDriver, type PodState } from './lab-driver.ts';

/** Each returns one sentence of evidence. */
export async function startPods(lab: LabDriver, nodes: readonly string[]): Promise<readonly PodState[]> {
  await waitForServiceAccount(lab);
  await lab.apply(...nodes.map((node) => answeringPod({ name: `pod-${node}`, node })));
  return await inParallel(nodes, async (node) => await lab.waitForPod(`pod-${node}`));
}

async function waitForServiceAccount(lab: LabDriver): Promise<void> {
  await waitFor(
    { what: 'the default service account', timeoutMs: 30_000 },
    async () => await lab.kubectl(['get', 'serviceaccount', 'default']),
  );
}

export async function podsReachEachOther(lab: LabDriver, pods: readonly PodState[]): Promise<string> {
  await inParallel(pods, async (from) => {
    for (const to of pods) {
      const answer = await lab.inPod(from.name, ['wget', '-q', '-O', '-', `http://${to.address}:8080/`]);
      assert.equal(answer.trim(), to.name);
    }
  });
  return `${pods.length * pods.length} requests by address between ${pods.map((pod) => pod.address).join(', ')}`;
}

export async function podsReachApi(lab: LabDriver, pods: readonly PodState[]): Promise<string> {
  const [version = ''] = await inParallel(pods, async (pod) => {
    const answer = await lab.inPod(pod.name, ['/kube/kubectl', 'get', '--raw', '/version']);
    const { gitVersion } = JSON.parse(answer) as { gitVersion: string };
    assert.match(gitVersion, /^v1\./);
    const refused = await lab.tryLab(['kubectl', 'exec', pod.name, '--', '/kube/kubectl', 'get', 'nodes']);
    assert.notEqual(refused.exitCode, 0);
    assert.match(refused.stderr, /serviceaccount:default:default.* cannot list resource "nodes"/);
    return gitVersion;
  });
  return `Kubernetes ${version} answers at its service address; RBAC refuses other requests of pods`;
}

export async function logsAndExecWork(lab: LabDriver, pods: readonly PodState[]): Promise<string> {
  await inParallel(pods, async (pod) => {
    assert.equal((await lab.kubectl(['logs', pod.name])).trim(), `hello from ${pod.name}`);
    assert.equal((await lab.inPod(pod.name, ['hostname'])).trim(), pod.name);
  });
  return `logs and exec on ${pods.map((pod) => pod.node).join(', ')}`;
}

/** Builds an image of the program `busybox`, pushes it, and runs a pod from its digest. */
export async function podRunsByDigest(lab: LabDriver, node: string, busybox: string): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'lab-image-'));
  try {
    await writeImageLayout(directory, {
      tag: 'latest',
      architecture: goArchitecture(),
      config: { Env: ['PATH=/bin'] },
      layers: [
        {
          entries: [
            { kind: 'directory', path: 'bin' },
            { kind: 'file', path: 'bin/busybox', content: await readFile(busybox), mode: 0o755 },
            ...['sh', 'mkdir', 'hostname', 'httpd'].map((name) => ({
              kind: 'link' as const,
              path: `bin/${name}`,
              target: 'busybox',
            })),
          ],
        },
      ],
    });
    const loaded = await lab.lab(['load', directory, '--as', 'walk/by-digest:1', '--output', 'json']);
    const { pinned } = JSON.parse(loaded) as { pinned: string };
    await lab.apply(answeringPod({ name: 'by-digest', node, image: pinned }));
    await lab.waitForPod('by-digest');
    await lab.deletePod('by-digest');
    return pinned;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** Restarts containerd on every node; the pods must keep running unchanged. */
export async function podsSurviveEngineRestart(lab: LabDriver, pods: readonly PodState[]): Promise<string> {
  await inParallel(pods, async (pod) => {
    const before = await engineStart(lab, pod.node);
    await lab.onNode(pod.node, ['systemctl', 'restart', 'containerd']);
    assert.notEqual(await engineStart(lab, pod.node), before);
    await waitFor(
      { what: `exec in ${pod.name} after the restart`, timeoutMs: 60_000 },
      async () => await lab.inPod(pod.name, ['true']),
    );
    const now = await lab.waitForPod(pod.name);
    assert.deepEqual(now, pod);
  });
  return `same pods, addresses and restart counts after systemctl restart containerd`;
}

async function engineStart(lab: LabDriver, node: string): Promise<string> {
  return await lab.onNode(node, [
    'systemctl',
    'show',
    '--property=ExecMainStartTimestampMonotonic',
    'containerd',
  ]);
}
