/** Steps of tests on a lab: install, run pods, upgrade, remove, observe. Each throws when it fails. */
import { strict as assert } from 'node:assert';
import { waitFor } from '@kata/core';
import { helm, namespace } from './helm.ts';
import { readShimRecords } from './manual-installation.ts';
import { answeringPod, type LabDriver, type PodState } from './lab-driver.ts';

/** Path, type, mode, owner and content of everything below /etc and /opt, one line each. */
export const treeScript =
  'cd / && find etc opt -printf "%p %y %m %U:%G %l\\n" && find etc opt -type f -exec sha256sum {} +';

export async function readTree(lab: LabDriver, node: string): Promise<readonly string[]> {
  return (await lab.onNode(node, ['sh', '-c', treeScript])).split('\n').toSorted();
}

export async function readUnitStart(lab: LabDriver, node: string, unit = 'containerd'): Promise<string> {
  return (
    await lab.onNode(node, [
      'systemctl',
      'show',
      '--value',
      '--property=ExecMainStartTimestampMonotonic',
      unit,
    ])
  ).trim();
}

/** Installs or upgrades with the chart in the lab's registry, and waits until the rollout is complete. */
export async function helmRelease(
  lab: LabDriver,
  version: string,
  verb: 'install' | 'upgrade',
  values: object = {},
): Promise<void> {
  await helm(lab, verb, { version, values });
  await waitForRollout(lab);
}

export async function waitForRollout(lab: LabDriver, daemonSet = 'kata-deploy'): Promise<void> {
  await lab.kubectl([
    ...['rollout', 'status', `daemonset/${daemonSet}`, '--namespace', namespace, '--timeout=300s'],
  ]);
}

export async function helmUninstall(lab: LabDriver): Promise<void> {
  await lab.lab(['helm', 'uninstall', 'kata-deploy', '--namespace', namespace, '--wait']);
}

/** The command of the chart's README that finishes a pending removal. */
export async function runCleanup(
  lab: LabDriver,
  version: string,
  node: string,
  values: object = {},
): Promise<void> {
  const rendered = await helm(lab, 'template', {
    version,
    values: { ...values, cleanup: { node } },
    words: ['--show-only', 'templates/cleanup-pod.yaml'],
  });
  await lab.kubectl(['apply', '--filename=-'], rendered);
  const pod = `kata-deploy-cleanup-${node}`;
  await lab.kubectl([
    ...['wait', `pod/${pod}`, '--namespace', namespace],
    ...['--for=jsonpath={.status.phase}=Succeeded', '--timeout=180s'],
  ]);
  await lab.kubectl(['delete', 'pod', pod, '--namespace', namespace]);
}

/** What the installer reports as written: files and bytes written, files linked. */
export async function readWritten(lab: LabDriver, node: string): Promise<string> {
  const pod = await lab.kubectl([
    ...['get', 'pods', '--namespace', namespace, '--selector=name=kata-deploy', '--output=name'],
    `--field-selector=spec.nodeName=${node}`,
  ]);
  const log = await lab.kubectl(['logs', pod.trim(), '--namespace', namespace, '--container=install']);
  const written = /write release \S+ \([^)]*\): (\d+ files written.*)$/m.exec(log)?.[1];
  assert.ok(written, `the installer on ${node} does not report what it wrote:\n${log}`);
  return written;
}

export async function startKataPod(
  lab: LabDriver,
  name: string,
  node: string,
  runtimeClass = 'kata-qemu',
): Promise<PodState> {
  await lab.apply(answeringPod({ name, node, runtimeClass }));
  return await lab.waitForPod(name);
}

/** The version of the shim that started the newest sandbox of the node. */
export async function newestShimVersion(lab: LabDriver, node: string): Promise<string> {
  const created = (await readShimRecords(lab, node)).filter(
    (r) => r.event === 'create' && r.error === undefined,
  );
  return created.at(-1)?.version ?? 'none';
}

/** Resolves when kubelet has admitted the node's pods again and has renewed its lease. */
export async function restartKubelet(lab: LabDriver, node: string): Promise<void> {
  const heartbeat = async (): Promise<string> =>
    await lab.kubectl([
      ...['get', 'lease', node, '--namespace', 'kube-node-lease', '--output=jsonpath={.spec.renewTime}'],
    ]);
  const before = await heartbeat();
  await lab.onNode(node, ['systemctl', 'restart', 'kubelet']);
  const what = `kubelet of ${node} to renew its lease`;
  await waitFor({ what, timeoutMs: 60_000, intervalMs: 500 }, async () =>
    (await heartbeat()) === before ? undefined : true,
  );
}

/** Throws unless the pod is unchanged and accepts an exec. */
export async function podKeepsRunning(lab: LabDriver, pod: PodState): Promise<void> {
  assert.deepEqual(await lab.readPod(pod.name), pod);
  assert.equal((await lab.inPod(pod.name, ['hostname'])).trim(), pod.name);
}

export async function containerRestarts(lab: LabDriver, pod: PodState): Promise<PodState> {
  await lab.tryLab(['kubectl', 'exec', pod.name, '--', 'sh', '-c', 'kill -9 $(cat /tmp/server)']);
  return await waitFor({ what: `a container of ${pod.name} to restart`, timeoutMs: 60_000 }, async () => {
    const now = await lab.readPod(pod.name);
    return now.ready && now.restarts === pod.restarts + 1 ? now : undefined;
  });
}

/** Labels and annotations of ours that a node has. */
export async function readOurMetadata(
  lab: LabDriver,
  node: string,
): Promise<Readonly<Record<string, string>>> {
  const text = await lab.kubectl(['get', 'node', node, '--output=json']);
  const { metadata } = JSON.parse(text) as {
    metadata: { labels: Record<string, string>; annotations: Record<string, string> };
  };
  return Object.fromEntries(
    Object.entries({ ...metadata.labels, ...metadata.annotations }).filter(([key]) =>
      key.includes('katacontainers.io/'),
    ),
  );
}
