/** Values of the chart on a real node: they take effect, doctor sees them, and uninstall removes everything. Cases 15 to 18. */
import { readFile } from 'node:fs/promises';
import { waitFor } from '@kata/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readNodeState } from '../driver/cluster-installer.ts';
import { helm, namespace } from '../driver/helm.ts';
import { helmUninstall, readTree, waitForRollout } from '../driver/kata-steps.ts';
import { answeringPod, LabDriver } from '../driver/lab-driver.ts';
import { parse } from 'yaml';

const lab = new LabDriver('test-chart');
const special = `metadata:
  name: special
handler: kata-special
overhead:
  podFixed:
    memory: 64Mi
`;
const startupTaint = 'katacontainers.io/not-ready';
/** Labels in the template of a node pool that scales from zero. */
const poolLabels = [
  'katacontainers.io/kata-runtime',
  'kata-deploy.katacontainers.io/default',
  'handler.katacontainers.io/kata-qemu',
];
const values = {
  priorityClassName: '',
  startupTaints: [`${startupTaint}:NoSchedule`],
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
  await helm(lab, verb, { values: given });
  await waitForRollout(lab);
}

const caseFile = async (path: string): Promise<string> =>
  await readFile(new URL(`../fixtures/cases/${path}`, import.meta.url), 'utf8');

async function applyCase(path: string): Promise<void> {
  await lab.kubectl(['apply', '--filename=-'], await caseFile(path));
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
  await applyCase('16-windows-and-virtual-nodes/windows-node.yaml');
  await applyCase('16-windows-and-virtual-nodes/virtual-node.yaml');
  await lab.kubectl(['create', 'namespace', namespace]);
  const quota = parse(await caseFile('17-critical-pods-quota/quota.yaml')) as { metadata: object };
  await lab.apply({ ...quota, metadata: { ...quota.metadata, namespace } });
  await lab.kubectl(['label', 'node', 'n1', ...poolLabels.map((key) => `${key}=true`)]);
  await lab.kubectl(['taint', 'node', 'n1', `${startupTaint}=true:NoSchedule`]);
});

afterAll(async () => {
  await lab.down();
});

test('cases/17: a quota for critical pods blocks the pods, and the chart notes say how to see it and what to set', async () => {
  const enforced = '--output=jsonpath={.status.hard.pods}';
  await waitFor({ what: 'enforcement of the quota', timeoutMs: 60_000 }, async () =>
    (await lab.kubectl(['get', 'resourcequota', 'critical', '--namespace', namespace, enforced])) === '0'
      ? true
      : undefined,
  );
  const notes = await helm(lab, 'install', { values: { ...values, priorityClassName: undefined } });

  const describe = `kubectl --namespace ${namespace} describe daemonset/kata-deploy`;
  expect(notes).toContain(describe);
  expect(notes.replaceAll(/\s+/g, ' ')).toContain("or set priorityClassName to ''");
  await waitFor({ what: 'the FailedCreate event', timeoutMs: 60_000 }, async () => {
    const seen = await lab.kubectl(describe.split(' ').slice(1));
    return /FailedCreate[^]*exceeded quota: critical/.test(seen) ? true : undefined;
  });
});

test('cases/16 and 18: pods on a node that its pool labelled start only when Kata is served; Windows and virtual nodes get no installer', async () => {
  await applyCase('18-scale-from-zero/pod.yaml');

  await release('upgrade', values);

  const pods = ['get', 'pods', '--namespace', namespace, '--output=jsonpath={.items[*].spec.nodeName}'];
  expect(await lab.kubectl(pods)).toBe('n1');
  expect((await lab.waitForPod('waits')).node).toBe('n1');
  expect(await lab.kubectl(['get', 'node', 'n1', '--output=jsonpath={.spec.taints}'])).toBe('');
  const tooEarly = '--field-selector=reason=FailedCreatePodSandBox';
  expect(await lab.kubectl(['get', 'events', tooEarly, '--output=name'])).toBe('');
  await lab.deletePod('waits');
});

test('handlers of a shim, of its debug variant and of a custom runtime are served, and pods with their classes are scheduled', async () => {
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

test('user-provided TOML reaches Kata and containerd', async () => {
  const folder = '/opt/kata/share/defaults/kata-containers/runtimes/qemu/config.d';

  const dropIn = await lab.onNode('n1', ['cat', `${folder}/50-user-overrides.toml`]);
  const dump = await lab.onNode('n1', ['containerd', 'config', 'dump']);

  expect(dropIn.trim()).toBe(values.shims.qemu.dropIn.trim());
  expect(dump).toMatch(/^oom_score = -500$/m);
});

test('doctor in the pod queries the engine, and kubelet only with the RBAC rule for it', async () => {
  const checks = new Map((await doctor()).map(({ check, state }) => [check, state]));

  expect(checks.get('engine')).toBe('ok');
  expect(checks.get('engine-configuration')).toBe('ok');
  expect(checks.get('prefix')).toBe('ok');
  expect(checks.get('kubelet-version')).toBe('ok');
  expect(await kubeletTimeout()).toMatch(
    /^unknown: cannot read the configuration of kubelet on node "n1": forbidden \(HTTP 403\)/,
  );

  await release('upgrade', { ...values, doctor: { askKubelet: true } });
  // kubelet caches a refusal for half a minute.
  await waitFor({ what: 'kubelet to allow the request', timeoutMs: 120_000, intervalMs: 5000 }, async () => {
    return (await kubeletTimeout()).startsWith('unknown: ') ? undefined : true;
  });
  expect(await kubeletTimeout()).toBe("warning: kubelet's runtimeRequestTimeout is 120 s");
});

describe('cases/15: an upgrade that would change the handler of the default class', () => {
  const state = async (): Promise<string> => {
    const status = await lab.lab([
      'helm',
      'status',
      'kata-deploy',
      '--namespace',
      namespace,
      '--output=json',
    ]);
    const { version, info } = JSON.parse(status) as { version: number; info: { status: string } };
    const handler = ['get', 'runtimeclass', 'kata', '--output=jsonpath={.handler}'];
    return `${version} ${info.status}, ${await lab.kubectl(handler)}`;
  };
  const valuesOf = async (file: string): Promise<object> => ({
    priorityClassName: '',
    ...(parse(await caseFile(`15-default-class-handler-changes/${file}.yaml`)) as object),
  });

  test.each([
    ['second-default', 'kata-clh'],
    ['second-rust', 'kata-qemu-runtime-rs'],
    ['second-no-qemu', 'kata-clh'],
  ])('%s.yaml: is refused with a hint, and nothing changes', async (file, handler) => {
    const was = await state();

    const refusal = await helm(lab, 'upgrade', { values: await valuesOf(file) }).catch(String);

    expect(refusal).toContain(
      `the RuntimeClass "kata" would change its handler from kata-qemu to ${handler}, which Kubernetes does not allow`,
    );
    expect(refusal).toContain('kubectl delete runtimeclass kata');
    expect(await state()).toBe(was);
  });

  test('succeeds after the step of the hint', async () => {
    await lab.kubectl(['delete', 'runtimeclass', 'kata']);

    await release('upgrade', await valuesOf('second-default'));

    expect(await state()).toMatch(/^\d+ deployed, kata-clh$/);
  });
});

test('uninstall restores the node, although files that settings name are deleted first', async () => {
  await helmUninstall(lab);
  await waitFor({ what: 'the node to be clean', timeoutMs: 180_000 }, async () => {
    return Object.keys(await readNodeState(lab, 'n1')).length === 0 ? true : undefined;
  });

  expect(await readTree(lab, 'n1')).toEqual(before);
  expect(
    await lab.kubectl(['get', 'runtimeclasses,configmaps', '--namespace', namespace, '--output=name']),
  ).toBe('configmap/kube-root-ca.crt');
});
