/** The chart's values become the settings of the program, runtime classes, and rights; wrong ones are refused by their name. */
import { shims as allShims } from '@kata/kata';
import { beforeAll, describe, expect, test } from 'vitest';
import { findHelm, HelmChart, type KubernetesObject, type PodSpec } from '../driver/helm-chart.ts';

let chart: HelmChart;

beforeAll(async () => {
  chart = new HelmChart(await findHelm());
});

const only = (name: string, given: object = {}): object => ({
  disableAll: true,
  [name]: { enabled: true, ...given },
});

describe('values become settings', () => {
  test('none given: clh and qemu, where they are usual', async () => {
    const shims = async (architecture: string): Promise<readonly string[]> =>
      (await chart.settings({}, architecture)).shims.map(({ name }) => name);

    expect(await shims('amd64')).toEqual(['clh', 'qemu']);
    // kata-06-arm64-default-shims, issue 12.19: a payload of that architecture has nothing for clh.
    expect(await shims('arm64')).toEqual(['qemu']);
    expect(await shims('s390x')).toEqual(['qemu']);
    expect(await shims('ppc64le')).toEqual(['qemu']);
    expect((await chart.settings({})).defaultShim?.name).toBe('qemu');
  });

  test('what is said of each shim, by architecture', async () => {
    const values = {
      shims: {
        disableAll: true,
        'qemu-runtime-rs': {
          enabled: true,
          allowedHypervisorAnnotations: ['default_vcpus', 'default_memory'],
          containerd: { snapshotter: 'erofs', forceGuestPull: true },
          crio: { guestPull: true },
          agent: { httpsProxy: 'http://user:a=b@proxy:3128', noProxy: '10.0.0.0/8,.local' },
          dropIn: '[hypervisor.qemu]\ndefault_vcpus = 2\n',
        },
        clh: { enabled: true, supportedArches: ['amd64'] },
        fc: { enabled: null },
      },
      defaultShim: { amd64: 'clh' },
    };

    const amd64 = await chart.settings(values);
    const s390x = await chart.settings(values, 's390x');

    expect(amd64.shims.map(({ name }) => name)).toEqual(['clh', 'qemu-runtime-rs']);
    expect(amd64.defaultShim?.name).toBe('clh');
    expect(s390x.shims.map(({ name }) => name)).toEqual(['qemu-runtime-rs']);
    for (const { options } of [amd64, s390x]) {
      expect(options.get('qemu-runtime-rs')).toEqual({
        hypervisorAnnotations: ['default_memory', 'default_vcpus'],
        httpsProxy: 'http://user:a=b@proxy:3128',
        noProxy: '10.0.0.0/8,.local',
        forceGuestPull: true,
        snapshotter: 'erofs',
        pullType: 'guest-pull',
        dropIn: '[hypervisor.qemu]\ndefault_vcpus = 2\n',
      });
    }
    expect(amd64.options.get('clh')).toMatchObject({ httpsProxy: undefined, dropIn: undefined });
  });

  test('what is said of the installation', async () => {
    const settings = await chart.settings({
      debug: true,
      devkit: true,
      containerd: { configFileName: 'other.toml', userDropIn: 'oom_score = -1\n', untrustedShim: 'qemu' },
      snapshotter: { erofsMergeMode: 'unmerged', erofsSnapshotterMode: 'memory', erofsDmverity: true },
      env: { installationPrefix: '/var/lib', multiInstallSuffix: 'blue', hostOS: 'cbl-mariner' },
      startupTaints: ['kata:NoSchedule', 'soon'],
    });

    expect(settings).toMatchObject({
      debug: true,
      devkit: true,
      prefix: '/var/lib/opt/kata-blue',
      suffix: 'blue',
      distribution: 'k8s',
      containerd: {
        configFileName: 'other.toml',
        userDropIn: { text: 'oom_score = -1\n' },
        untrustedShim: 'qemu',
      },
      snapshotters: { erofsMergeMode: 'unmerged', erofsSnapshotterMode: 'memory', erofsDmverity: true },
      startupTaints: [{ key: 'kata', effect: 'NoSchedule' }, { key: 'soon' }],
    });
  });

  test('custom runtimes alone, in the shape that upstream gives them', async () => {
    const values = {
      shims: { disableAll: true },
      customRuntimes: {
        enabled: true,
        runtimes: {
          special: {
            baseConfig: 'clh',
            dropIn: '[hypervisor.clh]\ndefault_vcpus = 4\n',
            runtimeClass:
              'kind: RuntimeClass\napiVersion: node.k8s.io/v1\nmetadata:\n  name: kata-special\nhandler: kata-special\noverhead:\n  podFixed:\n    memory: 1Gi\nscheduling:\n  nodeSelector:\n    zone: a\n    katacontainers.io/kata-runtime: "false"\n',
            containerd: { snapshotter: 'devmapper' },
            crio: { pullType: '' },
          },
        },
      },
    };

    const { shims, customRuntimes } = await chart.settings(values);
    const objects = await chart.render(values);

    expect(shims).toEqual([]);
    expect(customRuntimes.map(({ base, ...rest }) => ({ ...rest, base: base.name }))).toEqual([
      {
        handler: 'kata-special',
        base: 'clh',
        snapshotter: 'devmapper',
        pullType: undefined,
        dropIn: '[hypervisor.clh]\ndefault_vcpus = 4\n',
      },
    ]);
    expect(objects.filter(({ kind }) => kind === 'RuntimeClass').map(classOf)).toEqual([
      {
        name: 'kata-special',
        handler: 'kata-special',
        overhead: { podFixed: { memory: '1Gi', cpu: '250m' } },
        nodeSelector: {
          zone: 'a',
          'katacontainers.io/kata-runtime': 'true',
          'kata-deploy.katacontainers.io/default': 'true',
          'handler.katacontainers.io/kata-special': 'true',
        },
      },
    ]);
  });
});

test('custom runtimes are passed over where their base is not made', async () => {
  const runtimes = { x: { baseConfig: 'clh', runtimeClass: 'metadata: {name: x}\nhandler: x\n' } };
  const values = { shims: only('qemu'), customRuntimes: { enabled: true, runtimes } };

  expect((await chart.settings(values)).customRuntimes.map(({ handler }) => handler)).toEqual(['x']);
  expect((await chart.settings(values, 's390x')).customRuntimes).toEqual([]);
});

function classOf(object: KubernetesObject): object {
  const { metadata, handler, overhead, scheduling } = object as KubernetesObject & {
    readonly scheduling: { readonly nodeSelector: object };
  };
  return { name: metadata.name, handler, overhead, nodeSelector: scheduling.nodeSelector };
}

describe('runtime classes', () => {
  const classes = async (values: object): Promise<readonly Record<string, unknown>[]> =>
    (await chart.render(values))
      .filter(({ kind }) => kind === 'RuntimeClass')
      .map((object) => classOf(object) as Record<string, unknown>);
  const names = async (values: object): Promise<readonly unknown[]> =>
    (await classes(values)).map(({ name, handler }) => [name, handler]);

  test('all 26 shims, with the overheads of upstream', async () => {
    const shims = Object.fromEntries([...allShims.keys()].map((name) => [name, { enabled: true }]));

    const rows = (await classes({ shims, runtimeClasses: { createDefault: false } })).map(
      ({ name, overhead }) => {
        const { memory, cpu } = (overhead as { podFixed: Record<string, string> }).podFixed;
        return `${String(name)} ${memory} ${cpu}`;
      },
    );

    expect(rows).toMatchInlineSnapshot(`
      [
        "kata-clh 130Mi 250m",
        "kata-clh-azure 130Mi 250m",
        "kata-clh-azure-runtime-rs 130Mi 250m",
        "kata-clh-runtime-rs 130Mi 250m",
        "kata-dragonball 130Mi 250m",
        "kata-fc 130Mi 250m",
        "kata-openvmm-azure-runtime-rs 130Mi 250m",
        "kata-qemu 320Mi 250m",
        "kata-qemu-coco-dev 160Mi 250m",
        "kata-qemu-coco-dev-runtime-rs 320Mi 250m",
        "kata-qemu-nvidia-cpu 320Mi 250m",
        "kata-qemu-nvidia-cpu-runtime-rs 320Mi 250m",
        "kata-qemu-nvidia-gpu 10240Mi 1.0",
        "kata-qemu-nvidia-gpu-runtime-rs 10240Mi 1.0",
        "kata-qemu-nvidia-gpu-snp 10240Mi 1.0",
        "kata-qemu-nvidia-gpu-snp-runtime-rs 10240Mi 1.0",
        "kata-qemu-nvidia-gpu-tdx 10240Mi 1.0",
        "kata-qemu-nvidia-gpu-tdx-runtime-rs 10240Mi 1.0",
        "kata-qemu-runtime-rs 320Mi 250m",
        "kata-qemu-se 1024Mi 1.0",
        "kata-qemu-se-runtime-rs 1024Mi 1.0",
        "kata-qemu-snp 2048Mi 1.0",
        "kata-qemu-snp-runtime-rs 2048Mi 1.0",
        "kata-qemu-tdx 2048Mi 1.0",
        "kata-qemu-tdx-runtime-rs 2048Mi 1.0",
        "kata-remote 120Mi 250m",
      ]
    `);
  });

  test('on nodes that serve the handler of this installation', async () => {
    const [first] = await classes({ shims: only('clh', { runtimeClass: { nodeSelector: { zone: 'a' } } }) });

    expect(first?.['nodeSelector']).toEqual({
      zone: 'a',
      'katacontainers.io/kata-runtime': 'true',
      'kata-deploy.katacontainers.io/default': 'true',
      'handler.katacontainers.io/kata-clh': 'true',
    });
  });

  test('with graphics cards also on nodes that can pass them on', async () => {
    const nodes = async (name: string): Promise<unknown> =>
      (await classes({ shims: only(name) }))[0]?.['nodeSelector'];

    expect(await nodes('qemu-nvidia-gpu')).toMatchObject({ 'nvidia.com/cc.ready.state': 'false' });
    expect(await nodes('qemu-nvidia-gpu-tdx-runtime-rs')).toMatchObject({
      'nvidia.com/cc.ready.state': 'true',
      'intel.feature.node.kubernetes.io/tdx': 'true',
    });
    expect(await nodes('qemu-nvidia-cpu')).not.toHaveProperty('nvidia.com/cc.ready.state');
  });

  test('no selector of a person weakens that', async () => {
    const nodeSelector = { 'katacontainers.io/kata-runtime': 'false' };
    const [first] = await classes({ shims: only('clh', { runtimeClass: { nodeSelector } }) });

    expect(first?.['nodeSelector']).toMatchObject({ 'katacontainers.io/kata-runtime': 'true' });
  });

  test('with a suffix, for debugging, by default', async () => {
    expect(
      await names({ shims: only('fc'), env: { multiInstallSuffix: 'blue' }, debug: true, devkit: true }),
    ).toEqual([
      ['kata-fc-blue', 'kata-fc-blue'],
      ['kata-fc-blue-debug', 'kata-fc-blue-debug'],
      ['kata-fc-blue-devkit', 'kata-fc-blue-devkit'],
      ['kata-blue', 'kata-fc-blue'],
    ]);
    expect(await names({ runtimeClasses: { enabled: false } })).toEqual([]);
    expect(await names({ runtimeClasses: { createDefault: false } })).toEqual([
      ['kata-clh', 'kata-clh'],
      ['kata-qemu', 'kata-qemu'],
    ]);
  });

  test('another overhead, or none', async () => {
    const overheads = async (runtimeClass: object, all = true): Promise<unknown> => {
      const values = { shims: only('clh', { runtimeClass }), runtimeClasses: { overheadEnabled: all } };
      return (await classes(values))[0]?.['overhead'];
    };

    expect(await overheads({ overhead: { memory: '1Gi' } })).toEqual({
      podFixed: { memory: '1Gi', cpu: '250m' },
    });
    expect(await overheads({ overheadEnabled: false })).toBeUndefined();
    expect(await overheads({}, false)).toBeUndefined();
    expect(await overheads({ overheadEnabled: true }, false)).toEqual({
      podFixed: { memory: '130Mi', cpu: '250m' },
    });
  });
});

describe('the pods', () => {
  test('run only where there is anything for the processor', async () => {
    const affinity = {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [
            { matchExpressions: [{ key: 'a', operator: 'Exists' }] },
            { matchFields: [{ key: 'metadata.name', operator: 'In', values: ['n1'] }] },
          ],
        },
      },
    };
    const rule = { key: 'kubernetes.io/arch', operator: 'In', values: ['amd64', 'arm64'] };

    expect((await chart.daemonSet({ affinity: null })).spec.affinity).toBeUndefined();
    expect((await chart.daemonSet({ affinity })).spec.affinity).toEqual(affinity);
    const clh = only('clh', { supportedArches: ['amd64', 'arm64'] });
    expect((await chart.daemonSet({ affinity, shims: clh })).spec.affinity).toEqual({
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [
            { matchExpressions: [{ key: 'a', operator: 'Exists' }, rule] },
            {
              matchFields: [{ key: 'metadata.name', operator: 'In', values: ['n1'] }],
              matchExpressions: [rule],
            },
          ],
        },
      },
    });
  });

  test('keep their own labels, and roll when a mounted file changes', async () => {
    const one = await chart.daemonSet({ podLabels: { name: 'x', team: 'y' }, podAnnotations: { a: 'b' } });
    const withFile = async (text: string): Promise<unknown> =>
      (await chart.daemonSet({ containerd: { userDropIn: text } })).metadata.annotations;

    expect(one.metadata.labels).toMatchObject({ name: 'kata-deploy', team: 'y' });
    expect(one.metadata.annotations).toEqual({
      a: 'b',
      'kubectl.kubernetes.io/default-container': 'kata-deploy',
    });
    expect(await withFile('a = 1')).not.toEqual(await withFile('a = 2'));
  });

  test('issue 12.21: the waiter starts first and stays, the installation follows, the rest sleeps', async () => {
    const { spec } = await chart.daemonSet();
    const [waiter, install] = spec.initContainers;
    const [pause] = spec.containers;

    expect([waiter.name, waiter.restartPolicy, waiter.command?.slice(0, 2)]).toEqual([
      'kata-deploy',
      'Always',
      ['/usr/bin/kata-helper', 'wait'],
    ]);
    expect([install.name, install.restartPolicy, install.args]).toEqual([
      'install',
      undefined,
      ['install', '--once'],
    ]);
    expect([pause.command, pause.volumeMounts]).toEqual([['/usr/bin/kata-helper', 'pause'], undefined]);
    const grace = waiter.env.find(({ name }) => name === 'TERMINATION_GRACE_SECONDS');
    expect(grace?.value).toBe(String(spec.terminationGracePeriodSeconds));
  });

  test('issue 12.22, cases/16: go to Linux nodes that are machines, and learn no Service', async () => {
    const { spec } = await chart.daemonSet({ nodeSelector: { pool: 'a', 'kubernetes.io/os': 'windows' } });

    expect(spec.nodeSelector).toEqual({ pool: 'a', 'kubernetes.io/os': 'linux' });
    expect(JSON.stringify(spec.affinity)).toContain(
      '{"key":"type","operator":"NotIn","values":["virtual-kubelet"]}',
    );
    expect(spec.enableServiceLinks).toBe(false);
  });

  test('issue 12.23: have the SELinux type that may touch the node, or another, or none', async () => {
    const typeOf = async (values: object): Promise<unknown> =>
      (await chart.daemonSet(values)).spec.initContainers.map(({ securityContext }) => {
        return (securityContext as { seLinuxOptions?: object }).seLinuxOptions;
      });

    expect(await typeOf({})).toEqual([{ type: 'spc_t' }, { type: 'spc_t' }]);
    const other = { type: 'super_t', level: 's0' };
    expect(await typeOf({ seLinuxOptions: other })).toEqual([other, other]);
    expect(await typeOf({ seLinuxOptions: null })).toEqual([undefined, undefined]);
  });

  test('cases/17: are critical unless the value is empty', async () => {
    const classOfPods = async (values: object): Promise<unknown> =>
      ((await chart.daemonSet(values)).spec as { priorityClassName?: string }).priorityClassName;

    expect(await classOfPods({})).toBe('system-node-critical');
    expect(await classOfPods({ priorityClassName: '' })).toBeUndefined();
  });

  test('see the firmware only where doctor looks there', async () => {
    const sees = async (shims: object): Promise<boolean> =>
      (await chart.daemonSet({ shims })).spec.volumes.some(({ name }) => name === 'firmware');

    expect(await sees({})).toBe(false);
    expect(await sees(only('qemu-se'))).toBe(true);
  });

  test('of a removal need nothing that goes with the release', async () => {
    const words = ['--show-only', 'templates/cleanup-pod.yaml'];
    const values = { cleanup: { node: 'n1' }, containerd: { userDropIn: 'a = 1' }, shims: only('clh') };

    const [pod] = await chart.render(values, words);

    const { containers, volumes } = (pod as CleanupPod).spec;

    expect(containers[0].args).toEqual(['cleanup']);
    expect(containers[0].env.map(({ name }) => name)).toEqual([
      ...['HOST_ROOT', 'NODE_NAME', 'POD_NAMESPACE', 'POD_UID', 'DAEMONSET_NAME'],
      ...['MULTI_INSTALL_SUFFIX', 'INSTALLATION_PREFIX'],
    ]);
    expect(volumes.every(({ hostPath }) => hostPath !== undefined)).toBe(true);
  });
});

test("kubelet's configuration may be read only when asked for, and nothing else of kubelet", async () => {
  const resources = async (askKubelet: boolean): Promise<readonly string[]> => {
    const role = (await chart.render({ doctor: { askKubelet } })).find(({ kind }) => kind === 'ClusterRole');
    const { rules } = role as unknown as { rules: readonly { resources: readonly string[] }[] };
    return rules.flatMap((rule) => rule.resources).filter((name) => name.startsWith('nodes/'));
  };

  expect(await resources(false)).toEqual([]);
  expect(await resources(true)).toEqual(['nodes/configz']);
});

test.each<[string, object, string]>([
  ['a digest', { image: { reference: 'r/k', tag: 'sha256:12' } }, 'r/k@sha256:12'],
  ['a reference with a digest', { image: { reference: 'r/k@sha256:12' } }, 'r/k@sha256:12'],
  ['nothing', {}, 'quay.io/kata-containers/kata-deploy:0.0.0'],
])('the image by %s', async (_, values, image) => {
  const { spec } = await chart.daemonSet(values);

  for (const container of [...spec.initContainers, ...spec.containers])
    expect(container).toMatchObject({ image });
});

type CleanupPod = KubernetesObject & { readonly spec: Pick<PodSpec, 'containers' | 'volumes'> };

const runtime = (runtimeClass: string, more: object = {}): object => ({
  customRuntimes: { enabled: true, runtimes: { x: { baseConfig: 'qemu', runtimeClass, ...more } } },
});

/** Of issue 12.21: what failed only in the middle of an upgrade, or on each node. */
const refusedAtRendering: readonly [string, object, string][] = [
  [
    'a default class called like that of a shim',
    { runtimeClasses: { defaultName: 'kata-qemu' } },
    'the RuntimeClass "kata-qemu" is that of',
  ],
  [
    'a custom class called like that of a shim',
    runtime('metadata: {name: kata-clh}\nhandler: x\n'),
    'customRuntimes.runtimes.x: the RuntimeClass "kata-clh" is that of shims.clh, too',
  ],
  [
    'a custom class called like the default',
    runtime('metadata: {name: kata}\nhandler: x\n'),
    'the RuntimeClass "kata" is that of runtimeClasses.defaultName, too',
  ],
  ...['runc', 'crun', 'untrusted', 'qemu', 'kata-qemu', 'kata-fc', 'kata-qemu-debug'].map(
    (handler): [string, object, string] => [
      `the handler ${handler}`,
      runtime(`metadata: {name: x}\nhandler: ${handler}\n`),
      `customRuntimes.runtimes.x.runtimeClass: the handler "${handler}" is taken`,
    ],
  ),
  [
    'the handler of a shim with the suffix',
    { ...runtime('metadata: {name: x}\nhandler: kata-fc-blue\n'), env: { multiInstallSuffix: 'blue' } },
    'the handler "kata-fc-blue" is taken',
  ],
  [
    'a user drop-in that is no TOML',
    { containerd: { userDropIn: 'a = ' } },
    'containerd.userDropIn: no TOML',
  ],
  [
    'a drop-in of a shim that is no TOML',
    { shims: { clh: { dropIn: '[hypervisor' } } },
    'shims.clh.dropIn: no TOML',
  ],
  [
    'a drop-in of a custom runtime that is no TOML',
    runtime('metadata: {name: x}\nhandler: x\n', { dropIn: 'a: b' }),
    'customRuntimes.runtimes.x.dropIn: no TOML',
  ],
  ...[['64Mi'], ['100M'], ['150000k'], ['0.1Gi'], ['1e8'], [104_857_600]].map(
    ([memory]): [string, object, string] => [
      `a memory limit of ${memory}`,
      { resources: { limits: { memory } } },
      'is less than the installation takes at its peak; give it 160Mi or more',
    ],
  ),
  ...['*', 'default_[', '(?!path).*'].map((expression): [string, object, string] => [
    `the annotation ${expression}`,
    { shims: { qemu: { allowedHypervisorAnnotations: ['default_vcpus', expression] } } },
    `shims.qemu.allowedHypervisorAnnotations: "${expression}" is not a valid regular expression`,
  ]),
  [
    'erofs for a custom runtime in Go',
    runtime('metadata: {name: x}\nhandler: x\n', { containerd: { snapshotter: 'erofs' } }),
    'customRuntimes.runtimes.x.containerd.snapshotter: erofs merges layers',
  ],
  [
    'a custom class whose name Kubernetes refuses',
    runtime('metadata: {name: Kata_X}\nhandler: x\n'),
    'customRuntimes.runtimes.x: "Kata_X" is not a valid name of a RuntimeClass',
  ],
  [
    'a custom class whose name is a number',
    runtime('metadata: {name: 123}\nhandler: x\n'),
    'customRuntimes.runtimes.x: "123" is not a valid name of a RuntimeClass',
  ],
  [
    'a default class whose name Kubernetes refuses',
    { runtimeClasses: { defaultName: 'kata..one' } },
    'runtimeClasses.defaultName: "kata..one" is not a valid name of a RuntimeClass',
  ],
];

describe('issue 12.21: refused before anything is on the cluster:', () => {
  test.each(refusedAtRendering)('%s', async (_, values, says) => {
    await expect(chart.render(values)).rejects.toThrow(says);
  });

  test.each([['160Mi'], ['1Gi'], ['200M'], ['2e8'], [268_435_456]])(
    'not a memory limit of %s',
    async (memory) => {
      await expect(chart.render({ resources: { limits: { memory } } })).resolves.toBeDefined();
    },
  );

  test('nor an annotation that is a regular expression, nor erofs that does not merge', async () => {
    const values = {
      ...runtime('metadata: {name: kata.x}\nhandler: x\n', { containerd: { snapshotter: 'erofs' } }),
      shims: { qemu: { allowedHypervisorAnnotations: ['^(path|kernel)$', 'default_[a-z]+'] } },
      snapshotter: { erofsMergeMode: 'unmerged' },
    };
    await expect(chart.render(values)).resolves.toBeDefined();
  });

  test('nor TOML with a key that is called Error', async () => {
    await expect(chart.render({ containerd: { userDropIn: 'Error = "x"\n' } })).resolves.toBeDefined();
  });
});

describe('refused, naming the value:', () => {
  test.each<[string, object, string]>([
    ['an unknown value', { job: {} }, "additional properties 'job' not allowed"],
    ['an unknown shim', { shims: { qemuu: {} } }, "at '/shims': additional properties 'qemuu' not allowed"],
    [
      'a misspelt option',
      { shims: { qemu: { dropin: '' } } },
      "at '/shims/qemu': additional properties 'dropin'",
    ],
    ['a suffix that is none', { env: { multiInstallSuffix: 'Blue' } }, "at '/env/multiInstallSuffix'"],
    ['a long suffix', { env: { multiInstallSuffix: 'a'.repeat(21) } }, "at '/env/multiInstallSuffix'"],
    ['the mark of another', { env: { multiInstallSuffix: 'default' } }, 'env.multiInstallSuffix: "default"'],
    ['a suffix like a shim', { env: { multiInstallSuffix: 'snp' } }, 'env.multiInstallSuffix: "snp"'],
    [
      'a suffix like a variant',
      { env: { multiInstallSuffix: 'a-debug' } },
      'env.multiInstallSuffix: "a-debug"',
    ],
    ['a prefix that is none', { env: { installationPrefix: 'opt' } }, "at '/env/installationPrefix'"],
    ['a prefix that climbs', { env: { installationPrefix: '/a/../b' } }, 'env.installationPrefix: '],
    ['no shim', { shims: { disableAll: true } }, 'shims: none is enabled'],
    [
      'no architecture',
      { shims: only('clh', { supportedArches: ['s390x'] }) },
      'shims.clh.supportedArches: it is made only for amd64, arm64',
    ],
    [
      'a default that is not enabled',
      { defaultShim: { amd64: 'fc' } },
      'defaultShim.amd64: "fc" is not an enabled shim for amd64 (clh, qemu)',
    ],
    [
      'a default of another architecture',
      { defaultShim: { s390x: 'clh' } },
      'defaultShim.s390x: "clh" is not an enabled shim for s390x (qemu)',
    ],
    ['an unknown default', { defaultShim: { amd64: 'x' } }, "at '/defaultShim/amd64'"],
    [
      'an untrusted shim that is not enabled',
      { containerd: { untrustedShim: 'fc' } },
      'containerd.untrustedShim: "fc"',
    ],
    [
      'an annotation with a space',
      { shims: { qemu: { allowedHypervisorAnnotations: ['a b'] } } },
      "at '/shims/qemu/allowedHypervisorAnnotations/0'",
    ],
    [
      'a proxy with a space',
      { shims: { qemu: { agent: { httpsProxy: 'a b' } } } },
      "at '/shims/qemu/agent/httpsProxy'",
    ],
    [
      'a proxy with a semicolon',
      { shims: { qemu: { agent: { noProxy: 'a;b' } } } },
      "at '/shims/qemu/agent/noProxy'",
    ],
    [
      'a snapshotter that is no name',
      { shims: { qemu: { containerd: { snapshotter: 'a:b' } } } },
      "at '/shims/qemu/containerd/snapshotter'",
    ],
    [
      'erofs for a shim in Go',
      { shims: { qemu: { containerd: { snapshotter: 'erofs' } } } },
      'shims.qemu.containerd.snapshotter: erofs',
    ],
    [
      'an overhead that is none',
      { shims: { qemu: { runtimeClass: { overhead: { cpu: 'much' } } } } },
      "at '/shims/qemu/runtimeClass/overhead/cpu'",
    ],
    ['devkit alone', { devkit: true }, 'devkit: needs debug'],
    ['a word for true', { debug: 'true' }, "at '/debug': got string, want boolean"],
    [
      'a distribution that has to wait',
      { k8sDistribution: 'k3s' },
      'k8sDistribution: k3s is not supported by this version',
    ],
    ['an unknown distribution', { k8sDistribution: 'k9s' }, "at '/k8sDistribution'"],
    [
      'a snapshotter to set up',
      { snapshotter: { setup: ['nydus'] } },
      'snapshotter.setup: nydus is not set up by this version',
    ],
    ['jobs', { deploymentMode: 'job' }, "at '/deploymentMode'"],
    ['a taint with a wrong effect', { startupTaints: ['a:Never'] }, "at '/startupTaints/0'"],
    [
      'a file in another folder',
      { containerd: { configFileName: '../x' } },
      "at '/containerd/configFileName'",
    ],
    [
      'custom runtimes without one',
      { customRuntimes: { enabled: true } },
      'customRuntimes.runtimes: none is there',
    ],
    ['a class that is no YAML', runtime('a: ['), 'customRuntimes.runtimes.x.runtimeClass: no YAML'],
    [
      'a class without a handler',
      runtime('metadata: {name: x}'),
      'customRuntimes.runtimes.x.runtimeClass: needs a handler',
    ],
    [
      'a class without a name',
      runtime('handler: x'),
      'customRuntimes.runtimes.x.runtimeClass: needs metadata.name',
    ],
  ])('%s', async (_, values, says) => {
    await expect(chart.render(values)).rejects.toThrow(says);
  });
});
