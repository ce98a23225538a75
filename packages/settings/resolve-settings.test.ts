import { type KataArchitecture, shims } from '@kata/kata';
import { describe, expect, test } from 'vitest';
import { plain, qemu, resolve, settingsFrom, type Texts } from './testkit/resolve-texts.ts';
import type { Settings } from './settings.ts';

test('settings for shims that do not exist for the architecture are ignored', async () => {
  const { customRuntimes, containerd } = await settingsFrom({
    environment: { ...qemu, CUSTOM_RUNTIMES_ENABLED: 'true', KATA_UNTRUSTED_SHIM: 'qemu-se' },
    files: { '/custom-configs/custom-runtimes.list': 'kata-x:qemu-se\nkata-y:clh' },
  });

  expect(customRuntimes.map(({ handler }) => handler)).toEqual(['kata-y']);
  expect(containerd.untrustedShim).toBeUndefined();
});

describe('settings', () => {
  test('are the defaults when nothing is set', async () => {
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
        kataArchitecture: 'x86_64',
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

  test('are read from every variable', async () => {
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
      kataArchitecture: 'x86_64',
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
      // kata-06-arm64-default-shims, issue 12.19: as in upstream's chart.
      'qemu qemu-coco-dev-runtime-rs qemu-nvidia-cpu qemu-nvidia-cpu-runtime-rs qemu-runtime-rs',
    ],
    ['s390x', 'qemu qemu-coco-dev qemu-coco-dev-runtime-rs qemu-runtime-rs qemu-se qemu-se-runtime-rs'],
    ['ppc64le', 'qemu qemu-runtime-rs'],
  ])('have the default shims of %s', async (kataArchitecture, expected) => {
    const { shims: chosen } = await settingsFrom({ kataArchitecture });

    expect(chosen.map(({ name }) => name).toSorted()).toEqual(expected.split(' '));
  });

  test('have only custom runtimes when the list of shims is empty', async () => {
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

  test('come from the flag, else the environment, else the file', async () => {
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
