import { describe, expect, test } from 'vitest';
import type { CustomRuntime, ShimOptions } from '../shim-options.ts';
import { type Shim, shims, shippedConfiguration } from '../shims.ts';
import { generateConfiguration, neededTexts } from './generate-configuration.ts';
import { type DesiredConfiguration, handlerComponents } from './handlers.ts';

const shim = (name: string): Shim => shims.get(name) as Shim;

const nothing: ShimOptions = {
  hypervisorAnnotations: [],
  httpsProxy: undefined,
  noProxy: undefined,
  forceGuestPull: false,
  snapshotter: undefined,
  pullType: undefined,
  dropIn: undefined,
};

function desired(...changes: readonly Partial<DesiredConfiguration>[]): DesiredConfiguration {
  return {
    prefix: '/opt/kata',
    suffix: '',
    shims: [shim('qemu')],
    options: new Map(),
    customRuntimes: [],
    debug: false,
    devkit: false,
    kubeletRoot: undefined,
    ...Object.assign({}, ...changes),
  };
}

const custom = (changes: Partial<CustomRuntime>): CustomRuntime => ({
  handler: 'kata-mine',
  base: shim('clh-runtime-rs'),
  snapshotter: undefined,
  pullType: undefined,
  dropIn: undefined,
  ...changes,
});

const shipped = new Map([
  [shippedConfiguration(shim('qemu')), '[hypervisor.qemu]\nkernel_params = " a=b "\n'],
  [shippedConfiguration(shim('clh-runtime-rs')), '[hypervisor.clh]\nkernel = "/opt/kata/vmlinux"\n'],
]);

const base = 'share/defaults/kata-containers';

function pathsOf(given: DesiredConfiguration): readonly string[] {
  return [...generateConfiguration(given, shipped)('1-a').files.keys()];
}

function kernelParams(given: DesiredConfiguration, folder = 'runtimes/qemu'): string | undefined {
  const { files } = generateConfiguration(given, shipped)('1-a');
  return files.get(`${base}/${folder}/config.d/30-kernel-params.toml`)?.text.split('\n')[2];
}

describe('a handler', () => {
  test('of a shim has its own folder, and needs no drop-in without options', () => {
    const { handlers, files, absent } = generateConfiguration(desired(), shipped)('1-a');

    expect(handlers).toEqual([
      {
        name: 'kata-qemu',
        base: shim('qemu'),
        variant: 'plain',
        directory: `${base}/runtimes/qemu`,
        shimPath: '/opt/kata/bin/containerd-shim-kata-v2',
        configPath: `/opt/kata/${base}/runtimes/qemu/configuration-qemu.toml`,
        snapshotter: undefined,
        pullType: undefined,
        dropIn: undefined,
      },
    ]);
    expect(Object.fromEntries(files)).toEqual({
      [`${base}/runtimes/qemu/configuration-qemu.toml`]: {
        text: `# Managed by kata-deploy, which replaces this file. Put your own settings into /opt/kata/${base}/runtimes/qemu/config.d/.\n[hypervisor.qemu]\nkernel_params = " a=b "\n`,
        isExecutable: false,
      },
    });
    expect(absent.map((path) => path.split('/').at(-1))).toEqual([
      '10-installation-prefix.toml',
      '20-debug.toml',
      '22-k0s-kubelet-root.toml',
      '25-devkit.toml',
      '30-kernel-params.toml',
      '50-user-overrides.toml',
      '50-overrides.toml',
    ]);
  });

  test('of a custom runtime has a folder with its name, whatever the language of its base', () => {
    const runtime = custom({ snapshotter: 'nydus', pullType: 'guest-pull', dropIn: 'a = 1\n' });

    const { handlers, files } = generateConfiguration(
      desired({ shims: [], customRuntimes: [runtime] }),
      shipped,
    )('1-a');

    expect(handlers).toMatchObject([
      {
        name: 'kata-mine',
        shimPath: '/opt/kata/runtime-rs/bin/containerd-shim-kata-v2',
        configPath: `/opt/kata/${base}/custom-runtimes/kata-mine/configuration-clh-runtime-rs.toml`,
        snapshotter: 'nydus',
        pullType: 'guest-pull',
      },
    ]);
    expect([...files.keys()]).toEqual([
      `${base}/custom-runtimes/kata-mine/configuration-clh-runtime-rs.toml`,
      `${base}/custom-runtimes/kata-mine/config.d/10-installation-prefix.toml`,
      `${base}/custom-runtimes/kata-mine/config.d/50-overrides.toml`,
    ]);
  });

  test('for debugging is added to the plain one, with the same snapshotter', () => {
    const options = new Map([['qemu', { ...nothing, snapshotter: 'nydus', pullType: 'guest-pull' }]]);

    const { handlers } = generateConfiguration(
      desired({ suffix: 'blue', debug: true, devkit: true, options }),
      shipped,
    )('1-a');

    expect(handlers.map(({ name, snapshotter, pullType }) => [name, snapshotter, pullType])).toEqual([
      ['kata-qemu-blue', 'nydus', 'guest-pull'],
      ['kata-qemu-blue-debug', 'nydus', 'guest-pull'],
      ['kata-qemu-blue-devkit', 'nydus', 'guest-pull'],
    ]);
  });

  test('is refused when another one has the same name', () => {
    const given = desired({ customRuntimes: [custom({ handler: 'kata-qemu' })] });

    expect(() => generateConfiguration(given, shipped)('1-a')).toThrow(
      expect.objectContaining({
        code: 'KATA_CONFIG_HANDLER_TWICE',
        message: 'two runtimes have the handler name kata-qemu',
      }),
    );
  });

  test.each([
    [desired({ shims: [shim('fc')] }), 'kata-fc', 'fc'],
    [desired({ customRuntimes: [custom({ base: shim('fc') })] }), 'kata-mine', 'fc'],
  ])('is refused when its configuration is missing in the release (%#)', (given, handler, name) => {
    expect(() => generateConfiguration(given, shipped)('1-a')).toThrow(
      expect.objectContaining({
        code: 'KATA_CONFIG_BASE_MISSING',
        message: `release 1-a has no configuration ${base}/configuration-fc.toml, which the handler ${handler} needs for the shim ${name}`,
      }),
    );
  });

  test.each(['[agent.kata]\n', '[hypervisor.a]\n[hypervisor.b]\n'])(
    'is refused when its configuration does not have exactly one hypervisor (%#)',
    (text) => {
      const texts = new Map([[shippedConfiguration(shim('qemu')), text]]);

      expect(() => generateConfiguration(desired(), texts)('1-a')).toThrow(
        expect.objectContaining({ code: 'KATA_CONFIG_HYPERVISOR' }),
      );
    },
  );
});

describe("the guest's kernel", () => {
  const proxies = new Map([['qemu', { ...nothing, httpsProxy: 'http://"p":1', noProxy: '.svc,10.0.0.0/8' }]]);

  test.each([
    [desired(), 'runtimes/qemu', undefined],
    [desired({ debug: true }), 'runtimes/qemu', undefined],
    [desired({ debug: true }), 'custom-runtimes/kata-qemu-debug', 'a=b agent.log=debug initcall_debug'],
    [
      desired({ options: proxies }),
      'runtimes/qemu',
      String.raw`a=b agent.https_proxy=http://\"p\":1 agent.no_proxy=.svc,10.0.0.0/8`,
    ],
  ])('gets the shipped kernel parameters and then the desired ones (%#)', (given, folder, expected) => {
    expect(kernelParams(given, folder)).toBe(
      expected === undefined ? undefined : `kernel_params = "${expected}"`,
    );
  });
});

test('other handlers change no file of the plain one', () => {
  const plain = generateConfiguration(desired(), shipped)('1-a').files;
  const all = generateConfiguration(
    desired({ debug: true, devkit: true, customRuntimes: [custom({})] }),
    shipped,
  )('1-a').files;

  expect([...all].slice(0, plain.size)).toEqual([...plain]);
});

test('another kubelet root goes to shims in Go, and to those in Rust that have a setting for it', () => {
  const given = desired({ kubeletRoot: '/var/lib/k0s/kubelet', customRuntimes: [custom({})] });

  expect(pathsOf(given).filter((path) => path.endsWith('22-k0s-kubelet-root.toml'))).toEqual([
    `${base}/runtimes/qemu/config.d/22-k0s-kubelet-root.toml`,
  ]);
});

test('the base of a custom runtime and the debugging tools add their components', () => {
  const given = desired({
    shims: [shim('remote')],
    devkit: true,
    customRuntimes: [custom({ base: shim('clh-azure') })],
  });

  expect(handlerComponents(given, 'x86_64')).toEqual([
    'cloud-hypervisor',
    'kernel',
    'kernel-debug',
    'rootfs-image-devkit-extension',
    'rootfs-image-mariner',
    'shim-v2-go',
    'virtiofsd',
  ]);
});

test('the needed texts are known before they are read', () => {
  expect(neededTexts(desired({ devkit: true, customRuntimes: [custom({})] }))).toEqual([
    `${base}/configuration-qemu.toml`,
    `${base}/runtime-rs/configuration-clh-runtime-rs.toml`,
    'share/kata-containers/root_hash_devkit-extension.txt',
  ]);
});
