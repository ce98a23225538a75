/** Values of the chart on a real node: what they ask for is served, seen by doctor, and gone after uninstall. */
import { waitFor } from '@kata/core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readNodeState } from '../driver/cluster-installer.ts';
import { helmUninstall, readTree, waitForRollout } from '../driver/kata-walk.ts';
import { answeringPod, LabDriver } from '../driver/lab-driver.ts';

const lab = new LabDriver('test-chart');
const namespace = 'kata';
const special = `metadata:
  name: special
handler: kata-special
overhead:
  podFixed:
    memory: 64Mi
`;
const values = {
  image: { reference: 'registry.lab:5000/kata-deploy' },
  shims: {
    disableAll: true,
    qemu: {
      enabled: true,
      containerd: { forceGuestPull: true },
      dropIn: '[hypervisor.qemu]\ndefault_vcpus = 2\n',
    },
  },
  debug: true,
  customRuntimes: { enabled: true, runtimes: { special: { baseConfig: 'qemu', runtimeClass: special } } },
  containerd: { userDropIn: 'oom_score = -500\n' },
};

interface Check {
  readonly check: string;
  readonly state: string;
  readonly seen: string;
}

let before: readonly string[];

async function release(verb: 'install' | 'upgrade', given: object): Promise<void> {
  const { registry } = JSON.parse(await lab.lab(['status', '--output', 'json'])) as { registry: string };
  await lab.lab(
    [
      ...['helm', verb, 'kata-deploy', `oci://${registry}/charts/kata-deploy`, '--plain-http'],
      ...['--version', '3.24.0', '--namespace', namespace, '--create-namespace', '--values', '-'],
    ],
    JSON.stringify(given),
  );
  await waitForRollout(lab);
}

/** The command of the chart's README. */
async function doctor(): Promise<readonly Check[]> {
  const { stdout } = await lab.tryLab([
    ...['kubectl', '--namespace', namespace, 'exec', 'daemonset/kata-deploy', '--'],
    ...['kata-deploy', 'doctor', '--output', 'json'],
  ]);
  return (JSON.parse(stdout) as { checks: readonly Check[] }).checks;
}

async function kubeletTimeout(): Promise<string> {
  const found = (await doctor()).find(({ check }) => check === 'kubelet-timeout');
  return `${found?.state ?? ''}: ${found?.seen ?? ''}`;
}

beforeAll(async () => {
  await lab.down();
  await lab.up(['--nodes', '1', '--engine', 'containerd-2.2']);
  await lab.lab(['publish']);
  before = await readTree(lab, 'n1');
});

afterAll(async () => {
  await lab.down();
});

test('handlers of a shim, of its variant and of a person are served, and the scheduler finds them', async () => {
  await release('install', values);

  expect(await readNodeState(lab, 'n1')).toMatchObject({
    'handler.katacontainers.io/kata-qemu': 'true',
    'handler.katacontainers.io/kata-qemu-debug': 'true',
    'handler.katacontainers.io/kata-special': 'true',
    status: 'installed Installed 3.24.0',
  });
  for (const runtimeClass of ['kata', 'kata-qemu-debug', 'special']) {
    const pod = answeringPod({ name: `by-${runtimeClass}`, node: '', runtimeClass }) as { spec: object };
    await lab.apply({ ...pod, spec: { ...pod.spec, nodeName: undefined } });
    expect((await lab.waitForPod(`by-${runtimeClass}`)).node).toBe('n1');
    await lab.deletePod(`by-${runtimeClass}`);
  }
});

test('TOML of a person reaches Kata and containerd', async () => {
  const folder = '/opt/kata/share/defaults/kata-containers/runtimes/qemu/config.d';

  const dropIn = await lab.onNode('n1', ['cat', `${folder}/50-user-overrides.toml`]);
  const dump = await lab.onNode('n1', ['containerd', 'config', 'dump']);

  expect(dropIn.trim()).toBe(values.shims.qemu.dropIn.trim());
  expect(dump).toMatch(/^oom_score = -500$/m);
});

test('doctor in the pod asks the engine, and kubelet only with the right to do so', async () => {
  const checks = new Map((await doctor()).map(({ check, state }) => [check, state]));

  expect(checks.get('engine')).toBe('ok');
  expect(checks.get('engine-configuration')).toBe('ok');
  expect(checks.get('prefix')).toBe('ok');
  expect(await kubeletTimeout()).toMatch(
    /^unknown: cannot read the configuration of kubelet on node "n1": HTTP 403 says that we may not/,
  );

  await release('upgrade', { ...values, doctor: { askKubelet: true } });
  // kubelet remembers a refusal for half a minute.
  await waitFor({ what: 'kubelet to answer', timeoutMs: 120_000, intervalMs: 5000 }, async () => {
    return (await kubeletTimeout()).startsWith('unknown: ') ? undefined : true;
  });
  expect(await kubeletTimeout()).toBe("warning: kubelet's runtimeRequestTimeout is 120 s");
});

test('uninstalled, the node is as it was, though the files that settings named went first', async () => {
  await helmUninstall(lab);
  await waitFor({ what: 'the node to be clean', timeoutMs: 180_000 }, async () => {
    return Object.keys(await readNodeState(lab, 'n1')).length === 0 ? true : undefined;
  });

  expect(await readTree(lab, 'n1')).toEqual(before);
  expect(
    await lab.kubectl(['get', 'runtimeclasses,configmaps', '--namespace', namespace, '--output=name']),
  ).toBe('configmap/kube-root-ca.crt');
});
