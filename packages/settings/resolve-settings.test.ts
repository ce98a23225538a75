import { KataError } from '@kata/core';
import { handlerName, type KataArchitecture, shims } from '@kata/kata';
import { describe, expect, test } from 'vitest';
import { resolveSettings } from './resolve-settings.ts';
import type { Settings } from './settings.ts';

type Texts = Readonly<Record<string, string>>;

interface Wishes {
  readonly flags?: Readonly<Record<string, unknown>>;
  readonly environment?: Texts;
  readonly files?: Texts;
  readonly architecture?: KataArchitecture;
}

async function resolve({ flags = {}, environment = {}, files = {}, architecture = 'x86_64' }: Wishes) {
  return await resolveSettings({
    flags,
    environment,
    architecture,
    readFile: async (path) => {
      if (files[path] === 'unreadable') throw new Error('EACCES: permission denied');
      return files[path];
    },
  });
}

async function settingsFrom(wishes: Wishes): Promise<Settings> {
  return (await resolve(wishes)).settings;
}

/** Problems, then the hint. */
async function refusalOf(wishes: Wishes): Promise<readonly string[]> {
  try {
    await resolve(wishes);
  } catch (error) {
    if (!(error instanceof KataError)) throw error;
    expect([error.code, error.exitCode]).toEqual(['KATA_CONFIG_INVALID', 2]);
    return [...error.message.split('\n'), `next: ${error.hint}`];
  }
  return [];
}

const qemu = { SHIMS_X86_64: 'qemu' };
const plain = {
  hypervisorAnnotations: [],
  httpsProxy: undefined,
  noProxy: undefined,
  forceGuestPull: false,
  snapshotter: undefined,
  pullType: undefined,
  dropIn: undefined,
};
const made = [...shims.values()]
  .filter((shim) => shim.components.x86_64 !== undefined)
  .map(({ name }) => name);
const known = `next: known for x86_64 are ${made.join(', ')}`;

test('what one text says for nodes of all architectures is passed over where a shim is not made', async () => {
  const { customRuntimes, containerd } = await settingsFrom({
    environment: { ...qemu, CUSTOM_RUNTIMES_ENABLED: 'true', KATA_UNTRUSTED_SHIM: 'qemu-se' },
    files: { '/custom-configs/custom-runtimes.list': 'kata-x:qemu-se\nkata-y:clh' },
  });

  expect(customRuntimes.map(({ handler }) => handler)).toEqual(['kata-y']);
  expect(containerd.untrustedShim).toBeUndefined();
});

describe('settings', () => {
  test('that nobody wrote are the defaults', async () => {
    expect(await resolve({ environment: qemu })).toMatchObject({
      values: {
        hostRoot: '/',
        payload: '/opt/kata-artifacts',
        podNamespace: undefined,
        nodeName: undefined,
      },
      settings: {
        prefix: '/opt/kata',
        suffix: '',
        architecture: 'x86_64',
        shims: [shims.get('qemu')],
        options: new Map([['qemu', plain]]),
        customRuntimes: [],
        defaultShim: shims.get('qemu'),
        debug: false,
        devkit: false,
        snapshotters: {
          setup: [],
          erofsMergeMode: 'merged',
          erofsSnapshotterMode: 'disk',
          erofsDmverity: false,
        },
        startupTaints: [],
        containerd: { configFileName: 'config.toml' },
        distribution: undefined,
        containerRuntimeVersion: undefined,
        nodeMachineId: undefined,
        healthPort: 8090,
      },
    });
  });

  test('of every variable arrive', async () => {
    const settings = await settingsFrom({
      environment: {
        SHIMS_X86_64: ' qemu  clh-runtime-rs\nfirecracker fc ',
        SHIMS_S390X: 'nonsense of another architecture',
        DEFAULT_SHIM_X86_64: 'firecracker',
        ALLOWED_HYPERVISOR_ANNOTATIONS_X86_64: 'qemu:kernel,default_vcpus firecracker:kernel image',
        SNAPSHOTTER_HANDLER_MAPPING_X86_64: 'firecracker:devmapper, clh-runtime-rs:erofs',
        PULL_TYPE_MAPPING_X86_64: 'qemu:guest-pull,fc:default',
        EXPERIMENTAL_FORCE_GUEST_PULL_X86_64: 'qemu,firecracker',
        AGENT_HTTPS_PROXY: 'qemu=http://a:1/?b=c;firecracker=http://d;qemu-se=http://e',
        AGENT_NO_PROXY: '10.0.0.0/8,.example',
        DEBUG: 'TRUE',
        DEVKIT: '1',
        INSTALLATION_PREFIX: '/srv',
        MULTI_INSTALL_SUFFIX: ' blue ',
        EXPERIMENTAL_SETUP_SNAPSHOTTER: 'nydus,erofs',
        EROFS_MERGE_MODE: 'merged',
        EROFS_SNAPSHOTTER_MODE: 'memory',
        EROFS_DMVERITY: 'DmVerity',
        STARTUP_TAINTS: 'kata.example/starting:NoSchedule, other',
        CONTAINER_RUNTIME_VERSION: 'containerd://2.2.1',
        K8S_DISTRIBUTION: 'k3s',
        CONTAINERD_CONFIG_FILE_NAME: 'config-v3.toml',
        CONTAINERD_USER_DROP_IN_SOURCE_FILE: '/custom/user.toml',
        HEALTH_PORT: '9000',
        NODE_MACHINE_ID: '0123',
        HOST_OS: 'cbl-mariner',
      },
      files: { '/custom/user.toml': 'a = 1\n', '/custom-configs/dropin-fc.toml': 'b = 2\n' },
    });

    expect(settings).toEqual({
      prefix: '/srv/opt/kata-blue',
      suffix: 'blue',
      architecture: 'x86_64',
      shims: ['qemu', 'clh-runtime-rs', 'fc'].map((name) => shims.get(name)),
      options: new Map([
        [
          'qemu',
          {
            hypervisorAnnotations: ['default_vcpus', 'image', 'kernel'],
            httpsProxy: 'http://a:1/?b=c',
            noProxy: '10.0.0.0/8,.example',
            forceGuestPull: true,
            snapshotter: undefined,
            pullType: 'guest-pull',
            dropIn: undefined,
          },
        ],
        [
          'clh-runtime-rs',
          {
            ...plain,
            hypervisorAnnotations: ['image'],
            noProxy: '10.0.0.0/8,.example',
            snapshotter: 'erofs',
          },
        ],
        [
          'fc',
          {
            hypervisorAnnotations: ['image', 'kernel'],
            httpsProxy: 'http://d',
            noProxy: '10.0.0.0/8,.example',
            forceGuestPull: true,
            snapshotter: 'devmapper',
            pullType: undefined,
            dropIn: 'b = 2\n',
          },
        ],
      ]),
      customRuntimes: [],
      defaultShim: shims.get('fc'),
      debug: true,
      devkit: true,
      snapshotters: {
        setup: ['nydus', 'erofs'],
        erofsMergeMode: 'merged',
        erofsSnapshotterMode: 'memory',
        erofsDmverity: true,
      },
      startupTaints: [
        { key: 'kata.example/starting', effect: 'NoSchedule' },
        { key: 'other', effect: undefined },
      ],
      containerd: {
        configFileName: 'config-v3.toml',
        isConfigFileGiven: true,
        userDropIn: { text: 'a = 1\n', source: '/custom/user.toml' },
      },
      distribution: 'k3s',
      containerRuntimeVersion: 'containerd://2.2.1',
      nodeMachineId: '0123',
      healthPort: 9000,
    } satisfies Record<keyof Settings, unknown>);
  });

  test.each<[string, Texts, string | undefined]>([
    ['qemu-runtime-rs', { SHIMS_X86_64: 'clh qemu qemu-runtime-rs' }, 'qemu-runtime-rs'],
    ['else qemu', { SHIMS_X86_64: 'clh qemu' }, 'qemu'],
    ['else the first', { SHIMS_X86_64: 'fc clh' }, 'fc'],
    ['what was named', { SHIMS_X86_64: 'fc clh', DEFAULT_SHIM_X86_64: 'clh' }, 'clh'],
  ])('have as the default shim %s', async (_, environment, expected) => {
    expect((await settingsFrom({ environment })).defaultShim?.name).toBe(expected);
  });

  test.each<[KataArchitecture, string]>([
    [
      'x86_64',
      'clh clh-runtime-rs dragonball fc qemu qemu-coco-dev qemu-coco-dev-runtime-rs qemu-nvidia-cpu qemu-nvidia-cpu-runtime-rs qemu-nvidia-gpu qemu-nvidia-gpu-runtime-rs qemu-nvidia-gpu-snp qemu-nvidia-gpu-snp-runtime-rs qemu-nvidia-gpu-tdx qemu-nvidia-gpu-tdx-runtime-rs qemu-runtime-rs qemu-snp qemu-snp-runtime-rs qemu-tdx qemu-tdx-runtime-rs',
    ],
    [
      'aarch64',
      // kata-06-arm64-default-shims, issue 12.19: what upstream's chart has there, too.
      'qemu qemu-coco-dev-runtime-rs qemu-nvidia-cpu qemu-nvidia-cpu-runtime-rs qemu-runtime-rs',
    ],
    ['s390x', 'qemu qemu-coco-dev qemu-coco-dev-runtime-rs qemu-runtime-rs qemu-se qemu-se-runtime-rs'],
    ['ppc64le', 'qemu qemu-runtime-rs'],
  ])('have the default shims of %s', async (architecture, expected) => {
    const { shims: chosen } = await settingsFrom({ architecture });

    expect(chosen.map(({ name }) => name).toSorted()).toEqual(expected.split(' '));
  });

  test('have custom runtimes alone when the list of shims is empty', async () => {
    const settings = await settingsFrom({
      environment: { SHIMS_X86_64: ' ', CUSTOM_RUNTIMES_ENABLED: 'true', KATA_CUSTOM_CONFIGS: '/etc/mine' },
      files: {
        '/etc/mine/custom-runtimes.list':
          '# mine\r\nkata-big:qemu:nydus:guest-pull\r\nkata-small:firecracker::default\n\nkata-bare:clh\n',
        '/etc/mine/dropin-kata-big.toml': '[runtime]\n',
      },
    });

    const bases = ['qemu', 'fc', 'clh'].map((name) => [name, plain] as const);
    expect(settings).toMatchObject({ shims: [], defaultShim: undefined, options: new Map(bases) });
    expect(settings.customRuntimes).toEqual([
      {
        handler: 'kata-big',
        base: shims.get('qemu'),
        snapshotter: 'nydus',
        pullType: 'guest-pull',
        dropIn: '[runtime]\n',
      },
      {
        handler: 'kata-small',
        base: shims.get('fc'),
        snapshotter: undefined,
        pullType: undefined,
        dropIn: undefined,
      },
      {
        handler: 'kata-bare',
        base: shims.get('clh'),
        snapshotter: undefined,
        pullType: undefined,
        dropIn: undefined,
      },
    ]);
  });

  test('of a file may be data or the text of the variable', async () => {
    const asData = `
shims: [qemu, clh-runtime-rs]
debug: true
hypervisorAnnotations: { qemu: [kernel, image] }
snapshotterMapping: { clh-runtime-rs: erofs }
httpsProxy: { qemu: 'http://a' }
startupTaints: ['kata:NoExecute']
healthPort: 9000
hostOs:
`;
    const asText = JSON.stringify({
      shims: 'qemu clh-runtime-rs',
      debug: '1',
      hypervisorAnnotations: 'qemu:image,kernel',
      snapshotterMapping: 'clh-runtime-rs:erofs',
      httpsProxy: 'qemu=http://a',
      startupTaints: 'kata:NoExecute',
      healthPort: '9000',
    });
    const read = async (text: string): Promise<Settings> =>
      await settingsFrom({ flags: { config: '/k.yaml' }, files: { '/k.yaml': text } });

    expect(await read(asData)).toEqual(await read(asText));
    expect((await read(asData)).healthPort).toBe(9000);
  });

  test('come from the flag before the environment before the file', async () => {
    const files = { '/k.yaml': 'suffix: file\nprefix: /file\nhealthPort: 1' };
    const environment = {
      KATA_DEPLOY_CONFIG: '/k.yaml',
      MULTI_INSTALL_SUFFIX: 'env',
      INSTALLATION_PREFIX: '/env',
    };

    expect(await settingsFrom({ files, environment, flags: { prefix: '/flag' } })).toMatchObject({
      prefix: '/flag/opt/kata-env',
      healthPort: 1,
    });
    expect(await settingsFrom({ files, environment, flags: { suffix: '' } })).toMatchObject({ suffix: '' });
    expect(
      await settingsFrom({ files, environment: { ...environment, MULTI_INSTALL_SUFFIX: '' } }),
    ).toMatchObject({
      suffix: 'file',
    });
  });
});

describe('refused', () => {
  test.each<[string, Texts, readonly string[]]>([
    [
      'an unknown shim',
      { SHIMS_X86_64: 'qemu qemuu' },
      ['SHIMS_X86_64 names an unknown shim "qemuu"', known],
    ],
    [
      'a shim of another architecture',
      { SHIMS_X86_64: 'qemu qemu-se' },
      ['SHIMS_X86_64 names the shim "qemu-se", which does not exist for x86_64', known],
    ],
    [
      'an empty list',
      { SHIMS_X86_64: ' \n' },
      [
        'SHIMS_X86_64 names no shim',
        `next: name one or more of ${made.join(', ')}, or enable custom runtimes`,
      ],
    ],
    [
      'a default shim that is not enabled',
      { ...qemu, DEFAULT_SHIM_X86_64: 'clh' },
      ['DEFAULT_SHIM_X86_64 names the shim "clh", which is not enabled', 'next: enabled are qemu'],
    ],
    [
      'a default shim that is unknown',
      { ...qemu, DEFAULT_SHIM_X86_64: 'qemuu' },
      ['DEFAULT_SHIM_X86_64 names an unknown shim "qemuu"', 'next: enabled are qemu'],
    ],
    [
      'a bad suffix',
      { ...qemu, MULTI_INSTALL_SUFFIX: 'a23456789012345678901' },
      [
        'MULTI_INSTALL_SUFFIX "a23456789012345678901" is no valid suffix',
        'next: MULTI_INSTALL_SUFFIX takes at most 20 of a-z, 0-9 and inner hyphens',
      ],
    ],
    [
      'a suffix that makes a handler of another shim',
      { ...qemu, MULTI_INSTALL_SUFFIX: 'snp' },
      [
        'MULTI_INSTALL_SUFFIX "snp" would make the handler kata-qemu-snp, which means something else',
        'next: take a suffix that is no word of a handler',
      ],
    ],
    [
      'the name that the installation without a suffix has',
      { ...qemu, MULTI_INSTALL_SUFFIX: 'default' },
      [
        'MULTI_INSTALL_SUFFIX "default" is the name of the installation without one',
        'next: take another suffix',
      ],
    ],
    [
      'a suffix that makes a debug handler',
      { ...qemu, MULTI_INSTALL_SUFFIX: 'x-debug' },
      [
        'MULTI_INSTALL_SUFFIX "x-debug" would make the handler kata-qemu-x-debug, which means something else',
        'next: take a suffix that is no word of a handler',
      ],
    ],
    [
      'a relative prefix',
      { ...qemu, INSTALLATION_PREFIX: 'srv' },
      [
        'INSTALLATION_PREFIX "srv" is no absolute path',
        'next: INSTALLATION_PREFIX takes an absolute path without ".."',
      ],
    ],
    [
      'a prefix that leads upwards',
      { ...qemu, INSTALLATION_PREFIX: '/srv/../etc' },
      [
        'INSTALLATION_PREFIX "/srv/../etc" has a part ".."',
        'next: INSTALLATION_PREFIX takes an absolute path without ".."',
      ],
    ],
    [
      'a boolean that is none',
      { ...qemu, DEBUG: 'yes' },
      ['DEBUG "yes" is neither true nor false', 'next: DEBUG takes true, false, 1 or 0'],
    ],
    [
      'a devkit without debug',
      { ...qemu, DEVKIT: 'true' },
      ['DEVKIT needs DEBUG', 'next: set DEBUG to true as well'],
    ],
    [
      'a pair without a value',
      { ...qemu, SNAPSHOTTER_HANDLER_MAPPING_X86_64: 'qemu' },
      [
        'SNAPSHOTTER_HANDLER_MAPPING_X86_64 "qemu" is no pair shim:snapshotter',
        'next: SNAPSHOTTER_HANDLER_MAPPING_X86_64 takes shim:snapshotter, separated by commas',
      ],
    ],
    [
      'a mapping for a shim that is not enabled',
      { ...qemu, SNAPSHOTTER_HANDLER_MAPPING_X86_64: 'clh:nydus' },
      [
        'SNAPSHOTTER_HANDLER_MAPPING_X86_64 names the shim "clh", which is not enabled',
        'next: enabled are qemu',
      ],
    ],
    [
      'two values for a shim',
      { SHIMS_X86_64: 'fc', SNAPSHOTTER_HANDLER_MAPPING_X86_64: 'fc:a,firecracker:b' },
      ['SNAPSHOTTER_HANDLER_MAPPING_X86_64 names the shim "fc" twice', 'next: give each shim one value'],
    ],
    [
      'merged erofs for a shim in Go',
      { ...qemu, SNAPSHOTTER_HANDLER_MAPPING_X86_64: 'qemu:erofs' },
      [
        'SNAPSHOTTER_HANDLER_MAPPING_X86_64 gives "qemu" the snapshotter erofs, which merges layers and so serves only shims in Rust',
        'next: take a shim that is written in Rust, or set EROFS_MERGE_MODE to unmerged',
      ],
    ],
    [
      'an unknown pull type',
      { ...qemu, PULL_TYPE_MAPPING_X86_64: 'qemu:guestpull' },
      [
        'PULL_TYPE_MAPPING_X86_64 "qemu:guestpull" is no pair shim:guest-pull or shim:default',
        'next: PULL_TYPE_MAPPING_X86_64 takes shim:guest-pull or shim:default, separated by commas',
      ],
    ],
    [
      'guest pull for a shim that is not enabled',
      { ...qemu, EXPERIMENTAL_FORCE_GUEST_PULL_X86_64: 'qemu,clh' },
      [
        'EXPERIMENTAL_FORCE_GUEST_PULL_X86_64 names the shim "clh", which is not enabled',
        'next: enabled are qemu',
      ],
    ],
    [
      'annotations for a shim that is not enabled',
      { ...qemu, ALLOWED_HYPERVISOR_ANNOTATIONS_X86_64: 'clh:kernel' },
      [
        'ALLOWED_HYPERVISOR_ANNOTATIONS_X86_64 names the shim "clh", which is not enabled',
        'next: enabled are qemu',
      ],
    ],
    [
      'an empty annotation',
      { ...qemu, ALLOWED_HYPERVISOR_ANNOTATIONS_X86_64: 'qemu:kernel,' },
      [
        'ALLOWED_HYPERVISOR_ANNOTATIONS_X86_64 "qemu:kernel," is neither annotations nor shim:annotation,annotation',
        'next: ALLOWED_HYPERVISOR_ANNOTATIONS_X86_64 takes annotations for all shims or shim:annotation,annotation, separated by spaces; each is a regular expression',
      ],
    ],
    [
      'a proxy that would become two words of a kernel command line',
      { ...qemu, AGENT_NO_PROXY: 'a, b' },
      [
        'AGENT_NO_PROXY "a, b" is neither a value without spaces nor shim=value',
        'next: AGENT_NO_PROXY takes one value for all shims, or shim=value separated by semicolons; no spaces, no quotes',
      ],
    ],
    [
      'a proxy, without showing its password',
      { ...qemu, AGENT_HTTPS_PROXY: 'qemu=http://me:se cret@proxy:3128' },
      [
        'AGENT_HTTPS_PROXY "qemu=http://…@proxy:3128" is neither a value without spaces nor shim=value',
        'next: AGENT_HTTPS_PROXY takes one value for all shims, or shim=value separated by semicolons; no spaces, no quotes',
      ],
    ],
    [
      'a proxy for a shim that is not enabled',
      { ...qemu, AGENT_HTTPS_PROXY: 'clh=http://a' },
      ['AGENT_HTTPS_PROXY names the shim "clh", which is not enabled', 'next: enabled are qemu'],
    ],
    [
      'an unknown snapshotter',
      { ...qemu, EXPERIMENTAL_SETUP_SNAPSHOTTER: 'nydus,overlay' },
      [
        'EXPERIMENTAL_SETUP_SNAPSHOTTER "overlay" is no snapshotter that is set up here',
        'next: EXPERIMENTAL_SETUP_SNAPSHOTTER takes nydus and erofs, separated by commas or spaces',
      ],
    ],
    [
      'an unknown merge mode',
      { ...qemu, EROFS_MERGE_MODE: 'merge' },
      ['EROFS_MERGE_MODE "merge" is no merge mode', 'next: EROFS_MERGE_MODE takes merged or unmerged'],
    ],
    [
      'an unknown snapshotter mode',
      { ...qemu, EROFS_SNAPSHOTTER_MODE: 'ram' },
      [
        'EROFS_SNAPSHOTTER_MODE "ram" is no snapshotter mode',
        'next: EROFS_SNAPSHOTTER_MODE takes disk or memory',
      ],
    ],
    [
      'a dm-verity that is neither on nor off',
      { ...qemu, EROFS_DMVERITY: 'verity' },
      [
        'EROFS_DMVERITY "verity" is neither "dmverity" nor true nor false',
        'next: EROFS_DMVERITY takes dmverity, true, false, 1 or 0',
      ],
    ],
    [
      'a bad port',
      { ...qemu, HEALTH_PORT: '65536' },
      ['HEALTH_PORT 65536 is no port', 'next: HEALTH_PORT takes a number from 1 to 65535'],
    ],
    [
      'a port in letters',
      { ...qemu, HEALTH_PORT: '80 90' },
      ['HEALTH_PORT "80 90" is no port', 'next: HEALTH_PORT takes a number from 1 to 65535'],
    ],
    [
      'a taint with an unknown effect',
      { ...qemu, STARTUP_TAINTS: 'kata:NoShedule' },
      [
        'STARTUP_TAINTS "kata:NoShedule" is neither key nor key:effect',
        'next: STARTUP_TAINTS takes key or key:effect, separated by commas or spaces; NoSchedule, PreferNoSchedule or NoExecute',
      ],
    ],
    [
      'a configuration file in a folder',
      { ...qemu, CONTAINERD_CONFIG_FILE_NAME: '../config.toml' },
      [
        'CONTAINERD_CONFIG_FILE_NAME "../config.toml" is no file name',
        'next: CONTAINERD_CONFIG_FILE_NAME takes a file name without a folder',
      ],
    ],
    [
      'a drop-in for containerd that is not there',
      { ...qemu, CONTAINERD_USER_DROP_IN_SOURCE_FILE: '/user.toml' },
      [
        'CONTAINERD_USER_DROP_IN_SOURCE_FILE names /user.toml, which is not there',
        'next: name a file that is there',
      ],
    ],
    [
      'a shim for untrusted pods that is not enabled',
      { ...qemu, KATA_UNTRUSTED_SHIM: 'fc' },
      ['KATA_UNTRUSTED_SHIM names the shim "fc", which is not enabled', 'next: enabled are qemu'],
    ],
    [
      'a name that no node can have',
      { ...qemu, NODE_NAME: 'Node 1' },
      [
        'NODE_NAME "Node 1" is no name of Kubernetes',
        'next: NODE_NAME takes a name of Kubernetes: a-z, 0-9, inner dots and hyphens',
      ],
    ],
    [
      'a configuration that is not there',
      { ...qemu, KATA_DEPLOY_CONFIG: '/k.yaml' },
      ['KATA_DEPLOY_CONFIG names /k.yaml, which is not there', 'next: name a file that is there'],
    ],
    [
      'custom runtimes without their list',
      { ...qemu, CUSTOM_RUNTIMES_ENABLED: '1' },
      [
        'CUSTOM_RUNTIMES_ENABLED is set, but /custom-configs/custom-runtimes.list is not there',
        'next: name a file that is there',
      ],
    ],
  ])('%s', async (_, environment, expected) => {
    expect(await refusalOf({ environment })).toEqual(expected);
  });

  test.each<[string, string, readonly string[]]>([
    [
      'an empty list',
      '# nothing\n',
      ['/l names no runtime', 'next: name one, or leave CUSTOM_RUNTIMES_ENABLED out'],
    ],
    [
      'a line without a base',
      'kata-x',
      ['/l, line 1, "kata-x" is no custom runtime', 'next: write handler:baseConfig:snapshotter:pullType'],
    ],
    [
      'a line with too much',
      'kata-x:qemu:::',
      [
        '/l, line 1, "kata-x:qemu:::" is no custom runtime',
        'next: write handler:baseConfig:snapshotter:pullType',
      ],
    ],
    ['an unknown base', 'kata-x:qemuu', ['/l, line 1, names an unknown shim "qemuu"', known]],
    [
      'a handler that is no label, and no path either',
      '../x:qemu',
      ['/l, line 1, "../x" is no name of a handler', 'next: use at most 63 of a-z, 0-9 and inner hyphens'],
    ],
    [
      'a handler twice',
      'kata-x:qemu\nkata-x:clh',
      ['/l, line 2, names the handler "kata-x" again', 'next: name each handler once'],
    ],
    [
      'an unknown pull type',
      'kata-x:qemu::pull',
      ['/l, line 1, "pull" is no pull type', 'next: pull types are guest-pull and default'],
    ],
    [
      'a snapshotter that is no name',
      'kata-x:qemu:a/b',
      ['/l, line 1, "a/b" is no name of a snapshotter', 'next: take a name that the engine knows'],
    ],
    [
      'merged erofs on a shim in Go',
      'kata-x:qemu:erofs',
      [
        'CUSTOM_RUNTIMES_ENABLED gives "kata-x" the snapshotter erofs, which merges layers and so serves only shims in Rust',
        'next: take a shim that is written in Rust, or set EROFS_MERGE_MODE to unmerged',
      ],
    ],
  ])('in the list of custom runtimes: %s', async (_, list, expected) => {
    const problems = await refusalOf({
      environment: { ...qemu, CUSTOM_RUNTIMES_ENABLED: 'true' },
      files: { '/custom-configs/custom-runtimes.list': list },
    });

    expect(problems.map((line) => line.replaceAll('/custom-configs/custom-runtimes.list', '/l'))).toEqual(
      expected,
    );
  });

  test('nothing but custom runtimes that are not made for the architecture', async () => {
    const environment = { SHIMS_X86_64: '', CUSTOM_RUNTIMES_ENABLED: 'true' };
    const files = { '/custom-configs/custom-runtimes.list': 'kata-x:qemu-se' };

    expect(await refusalOf({ environment, files })).toEqual([
      'SHIMS_X86_64 names no shim, and no custom runtime is made for x86_64',
      `next: name one or more of ${made.join(', ')}`,
    ]);
  });

  test.each([
    handlerName('clh', ''),
    handlerName('clh', 'blue'),
    'kata-clh-debug',
    'kata-clh-blue-devkit',
    'qemu',
    'runc',
  ])('the taken handler %s', async (handler) => {
    const environment = { ...qemu, MULTI_INSTALL_SUFFIX: 'blue', CUSTOM_RUNTIMES_ENABLED: 'true' };
    const files = { '/custom-configs/custom-runtimes.list': `${handler}:qemu` };

    expect(await refusalOf({ environment, files })).toEqual([
      `/custom-configs/custom-runtimes.list, line 1, the handler "${handler}" is taken`,
      'next: give the handler a name of its own',
    ]);
  });

  test.each<[string, string, readonly string[]]>([
    [
      'a line that is no YAML',
      'shims: [qemu\ndebug: true\n',
      [
        '/k.yaml is not valid YAML at line 2, column 1: Flow sequence in block collection must be sufficiently indented and end with a ]',
        'next: write it as YAML with lines "key: value", or as JSON',
      ],
    ],
    [
      'a list',
      '[qemu]',
      ['/k.yaml is no mapping of settings', 'next: write it as YAML with lines "key: value", or as JSON'],
    ],
    [
      'a value of another type',
      'healthPort: [1]',
      ['/k.yaml: healthPort […] is no port', 'next: /k.yaml: healthPort takes a number from 1 to 65535'],
    ],
    [
      'an item of another type',
      'shims: [qemu, {}]',
      [
        '/k.yaml: shims {…} is no name',
        'next: /k.yaml: shims takes names of shims, separated by spaces or commas',
      ],
    ],
    ['an unknown shim', 'shims: [qemuu, qemu]', ['/k.yaml: shims names an unknown shim "qemuu"', known]],
  ])('in the configuration file: %s', async (_, text, expected) => {
    expect(await refusalOf({ flags: { config: '/k.yaml' }, files: { '/k.yaml': text } })).toEqual(expected);
  });

  test('a key that is unknown, and one of another place', async () => {
    const [first, second, hint] = await refusalOf({
      flags: { config: '/k.yaml' },
      files: { '/k.yaml': 'shimz: [qemu]\nconfig: /other.yaml' },
    });

    expect([first, second]).toEqual([
      '/k.yaml: there is no setting "shimz"',
      '/k.yaml: there is no setting "config"',
    ]);
    expect(hint).toMatch(/^next: known are shims, defaultShim, .*, helper$/);
  });

  test.each([
    ['/custom-configs/dropin-qemu.toml', {}],
    ['/custom-configs/dropin-kata-x.toml', { CUSTOM_RUNTIMES_ENABLED: 'true' }],
    ['/user.toml', { CONTAINERD_USER_DROP_IN_SOURCE_FILE: '/user.toml' }],
  ])('TOML that does not parse, in %s', async (path, variables) => {
    const files = { '/custom-configs/custom-runtimes.list': 'kata-x:qemu', [path]: 'a = 1\nb = ' };

    expect(await refusalOf({ environment: { ...qemu, ...variables }, files })).toEqual([
      `${path} is not valid TOML at line 2, column 5: Unspecified values are invalid`,
      'next: correct the TOML',
    ]);
  });

  test('a file that cannot be read', async () => {
    expect(
      await refusalOf({ environment: qemu, files: { '/custom-configs/dropin-qemu.toml': 'unreadable' } }),
    ).toEqual([
      '/custom-configs/dropin-qemu.toml cannot be read: EACCES: permission denied',
      'next: let this program read it',
    ]);
  });

  test('everything at once, each where it was written', async () => {
    expect(
      await refusalOf({
        flags: { suffix: 'Blue!', config: '/k.yaml' },
        environment: { ...qemu, DEBUG: 'yes', DEVKIT: 'no' },
        files: { '/k.yaml': 'healthPort: 0' },
      }),
    ).toEqual([
      'DEBUG "yes" is neither true nor false',
      'DEVKIT "no" is neither true nor false',
      '--suffix "Blue!" is no valid suffix',
      '/k.yaml: healthPort 0 is no port',
      'next: DEBUG takes true, false, 1 or 0; DEVKIT takes true, false, 1 or 0; --suffix takes at most 20 of a-z, 0-9 and inner hyphens; /k.yaml: healthPort takes a number from 1 to 65535',
    ]);
  });
});
