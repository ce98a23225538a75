/** Invalid values of the chart are refused, and the error names them. */
import { beforeAll, describe, expect, test } from 'vitest';
import { only, runtime } from './chart-values.ts';
import { findHelm, HelmChart } from '../driver/helm-chart.ts';

let chart: HelmChart;

beforeAll(async () => {
  chart = new HelmChart(await findHelm());
});

/** Issue 12.21: values that otherwise fail in the middle of an upgrade, or on each node. */
const refusedAtRendering: readonly [string, object, string][] = [
  [
    "a default class with the name of a shim's class",
    { runtimeClasses: { defaultName: 'kata-qemu' } },
    'the RuntimeClass "kata-qemu" is also that of',
  ],
  [
    "a custom class with the name of a shim's class",
    runtime('metadata: {name: kata-clh}\nhandler: x\n'),
    'customRuntimes.runtimes.x: the RuntimeClass "kata-clh" is also that of shims.clh',
  ],
  [
    'a custom class with the name of the default class',
    runtime('metadata: {name: kata}\nhandler: x\n'),
    'the RuntimeClass "kata" is also that of runtimeClasses.defaultName',
  ],
  ...['runc', 'crun', 'untrusted', 'qemu', 'kata-qemu', 'kata-fc', 'kata-qemu-debug'].map(
    (handler): [string, object, string] => [
      `the handler ${handler}`,
      runtime(`metadata: {name: x}\nhandler: ${handler}\n`),
      `customRuntimes.runtimes.x.runtimeClass: the handler name "${handler}" is reserved`,
    ],
  ),
  [
    'the handler of a shim with the suffix',
    { ...runtime('metadata: {name: x}\nhandler: kata-fc-blue\n'), env: { multiInstallSuffix: 'blue' } },
    'the handler name "kata-fc-blue" is reserved',
  ],
  [
    'a user drop-in that is not valid TOML',
    { containerd: { userDropIn: 'a = ' } },
    'containerd.userDropIn: not valid TOML',
  ],
  [
    'a drop-in of a shim that is not valid TOML',
    { shims: { clh: { dropIn: '[hypervisor' } } },
    'shims.clh.dropIn: not valid TOML',
  ],
  [
    'a drop-in of a custom runtime that is not valid TOML',
    runtime('metadata: {name: x}\nhandler: x\n', { dropIn: 'a: b' }),
    'customRuntimes.runtimes.x.dropIn: not valid TOML',
  ],
  ...[['64Mi'], ['100M'], ['150000k'], ['0.1Gi'], ['1e8'], [104_857_600]].map(
    ([memory]): [string, object, string] => [
      `a memory limit of ${memory}`,
      { resources: { limits: { memory } } },
      'is less than the installation needs at its peak; set it to 160Mi or more',
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
    'customRuntimes.runtimes.x.containerd.snapshotter: erofs with merged layers',
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

describe('issue 12.21: rendering', () => {
  test.each(refusedAtRendering)('refuses %s', async (_, values, message) => {
    await expect(chart.render(values)).rejects.toThrow(message);
  });

  test.each([['160Mi'], ['1Gi'], ['200M'], ['2e8'], [268_435_456]])(
    'accepts a memory limit of %s',
    async (memory) => {
      await expect(chart.render({ resources: { limits: { memory } } })).resolves.toBeDefined();
    },
  );

  test('accepts an annotation that is a regular expression, and erofs that does not merge', async () => {
    const values = {
      ...runtime('metadata: {name: kata.x}\nhandler: x\n', { containerd: { snapshotter: 'erofs' } }),
      shims: { qemu: { allowedHypervisorAnnotations: ['^(path|kernel)$', 'default_[a-z]+'] } },
      snapshotter: { erofsMergeMode: 'unmerged' },
    };
    await expect(chart.render(values)).resolves.toBeDefined();
  });

  test('accepts TOML with a key Error', async () => {
    await expect(chart.render({ containerd: { userDropIn: 'Error = "x"\n' } })).resolves.toBeDefined();
  });
});

describe('the error names', () => {
  test.each<[string, object, string]>([
    ['an unknown value', { job: {} }, "additional properties 'job' not allowed"],
    ['an unknown shim', { shims: { qemuu: {} } }, "at '/shims': additional properties 'qemuu' not allowed"],
    [
      'a misspelt option',
      { shims: { qemu: { dropin: '' } } },
      "at '/shims/qemu': additional properties 'dropin'",
    ],
    ['an invalid suffix', { env: { multiInstallSuffix: 'Blue' } }, "at '/env/multiInstallSuffix'"],
    ['a long suffix', { env: { multiInstallSuffix: 'a'.repeat(21) } }, "at '/env/multiInstallSuffix'"],
    ['a reserved suffix', { env: { multiInstallSuffix: 'default' } }, 'env.multiInstallSuffix: "default"'],
    ['a suffix like a shim', { env: { multiInstallSuffix: 'snp' } }, 'env.multiInstallSuffix: "snp"'],
    [
      'a suffix like a variant',
      { env: { multiInstallSuffix: 'a-debug' } },
      'env.multiInstallSuffix: "a-debug"',
    ],
    ['an invalid prefix', { env: { installationPrefix: 'opt' } }, "at '/env/installationPrefix'"],
    ['a prefix with ..', { env: { installationPrefix: '/a/../b' } }, 'env.installationPrefix: '],
    ['no shim', { shims: { disableAll: true } }, 'shims: none is enabled'],
    [
      'an architecture that the shim does not support',
      { shims: only('clh', { supportedArches: ['s390x'] }) },
      'shims.clh.supportedArches: this shim supports only amd64, arm64',
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
      'an invalid name of a snapshotter',
      { shims: { qemu: { containerd: { snapshotter: 'a:b' } } } },
      "at '/shims/qemu/containerd/snapshotter'",
    ],
    [
      'erofs for a shim in Go',
      { shims: { qemu: { containerd: { snapshotter: 'erofs' } } } },
      'shims.qemu.containerd.snapshotter: erofs',
    ],
    [
      'an invalid overhead',
      { shims: { qemu: { runtimeClass: { overhead: { cpu: 'much' } } } } },
      "at '/shims/qemu/runtimeClass/overhead/cpu'",
    ],
    ['devkit without debug', { devkit: true }, 'devkit: needs debug'],
    ['a string for true', { debug: 'true' }, "at '/debug': got string, want boolean"],
    [
      'a distribution that is not supported yet',
      { k8sDistribution: 'k3s' },
      'k8sDistribution: k3s is not supported by this version',
    ],
    ['an unknown distribution', { k8sDistribution: 'k9s' }, "at '/k8sDistribution'"],
    [
      'a snapshotter to set up',
      { snapshotter: { setup: ['nydus'] } },
      'snapshotter.setup: this version does not set up nydus',
    ],
    ['jobs', { deploymentMode: 'job' }, "at '/deploymentMode'"],
    ['a taint with a wrong effect', { startupTaints: ['a:Never'] }, "at '/startupTaints/0'"],
    [
      'a file in another folder',
      { containerd: { configFileName: '../x' } },
      "at '/containerd/configFileName'",
    ],
    [
      'custom runtimes without any',
      { customRuntimes: { enabled: true } },
      'customRuntimes.runtimes: it is empty',
    ],
    ['a class that is not YAML', runtime('a: ['), 'customRuntimes.runtimes.x.runtimeClass: not valid YAML'],
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
  ])('%s', async (_, values, message) => {
    await expect(chart.render(values)).rejects.toThrow(message);
  });
});
