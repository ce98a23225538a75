import { KataError } from '@kata/core';
import { expect, test } from 'vitest';
import { type Shim, shims, shippedConfiguration } from '../shims.ts';
import { generateConfiguration } from './generate-configuration.ts';
import { settingsWithoutEffect } from './without-effect.ts';

const names = ['qemu', 'qemu-runtime-rs', 'clh', 'clh-azure', 'fc', 'remote'] as const;
const shim = (name: string): Shim => shims.get(name) as Shim;
const nothing = {
  hypervisorAnnotations: [],
  httpsProxy: undefined,
  noProxy: undefined,
  forceGuestPull: false,
  snapshotter: undefined,
  pullType: undefined,
  dropIn: undefined,
};
const shipped = new Map(
  names.map((name) => [
    shippedConfiguration(shim(name)),
    '[hypervisor.qemu]\nimage = "/i"\n[agent.kata]\nnew_in_this_payload = 1\n[runtime]\nname = "virt_container"\nhypervisor_name = "qemu"\nagent_name = "kata"\n',
  ]),
);

function generate(base: Shim, dropIn: string, release = '4.1.0-0a1b2c3d'): void {
  const runtime = { handler: 'kata-mine', base, snapshotter: undefined, pullType: undefined, dropIn };
  const desired = {
    prefix: '/opt/kata' as const,
    suffix: '',
    shims: [],
    options: new Map(),
    customRuntimes: [runtime],
    debug: false,
    devkit: false,
    kubeletRoot: undefined,
  };
  generateConfiguration(desired, shipped)(release);
}

// Issue 12.18
test.each([
  [
    'qemu',
    '[hypervisor.qemu]\ndefault_vcpu = 2\n',
    'hypervisor.qemu.default_vcpu is not a known key in Kata 4.1 and newer',
    'Go',
  ],
  [
    'qemu',
    '[hypervisor.clh]\ndefault_vcpus = 2\n',
    'hypervisor.clh has neither an image nor an initrd',
    'Go',
  ],
  [
    'qemu-runtime-rs',
    '[agent.kata]\nno_such = 1\n',
    'agent.kata.no_such is not a known key in Kata 4.1 and newer',
    'Rust',
  ],
  [
    'qemu-runtime-rs',
    '[hypervisor.qemu]\nimage = ""\n',
    'hypervisor.qemu has neither an image nor an initrd',
    'Rust',
  ],
])(
  'a drop-in that Kata refuses for %s is refused before it is written: %j',
  (name, text, problem, language) => {
    expect(() => {
      generate(shim(name), text);
    }).toThrow(
      expect.objectContaining({
        code: 'KATA_CONFIG_INVALID',
        message: expect.stringMatching(
          `^Kata's ${language} runtime refuses dropin-kata-mine.toml for the handler kata-mine: .*${problem.replaceAll(/[()]/g, String.raw`\$&`)}`,
        ),
      }),
    );
  },
);

test.each([
  ['qemu', '[hypervisor.qemu]\ndefault_vcpus = 2\n', '4.1.0-0a1b2c3d'],
  ['qemu', '[agent.kata]\nnew_in_this_payload = 2\n', '4.1.0-0a1b2c3d'],
  // The shipped configuration does not load either, so the drop-in is not at fault.
  ['qemu', '[runtime]\nenable_pprof = true\n', '4.1.0-0a1b2c3d'],
  // That release may have such a key.
  ['qemu', '[hypervisor.qemu]\nfile_mem_backend = "/x"\n', '3.24.0-0a1b2c3d'],
])('%s accepts %j in %s', (name, text, release) => {
  expect(() => {
    generate(shim(name), text, release);
  }).not.toThrow(KataError);
});

test('kata-08-without-effect, issue 12.19: settings without effect are reported', () => {
  const proxy = { ...nothing, httpsProxy: 'http://p:1' };
  const enabled = ['qemu', 'qemu-runtime-rs', 'clh', 'clh-azure', 'fc', 'remote'].map(shim);

  expect(
    settingsWithoutEffect({
      prefix: '/opt/kata',
      suffix: '',
      shims: enabled,
      options: new Map(enabled.map(({ name }) => [name, proxy])),
      customRuntimes: [],
      debug: true,
      devkit: true,
      kubeletRoot: undefined,
    }),
  ).toEqual([
    "kata-clh-devkit: the debugging tools are missing, because Kata's Go runtime attaches guest extension images with QEMU only",
    "kata-clh-azure-devkit: the debugging tools are missing, because Kata's Go runtime attaches guest extension images with QEMU only",
    "kata-fc-devkit: the debugging tools are missing, because Kata's Go runtime attaches guest extension images with QEMU only",
    'kata-remote: the proxy settings have no effect, because Kata passes no kernel parameters to a remote machine',
    'kata-remote-debug: the proxy settings have no effect, because Kata passes no kernel parameters to a remote machine',
    'kata-remote-debug: guest debugging has no effect, because Kata passes no kernel parameters to a remote machine',
    'kata-remote-devkit: the proxy settings have no effect, because Kata passes no kernel parameters to a remote machine',
    'kata-remote-devkit: guest debugging has no effect, because Kata passes no kernel parameters to a remote machine',
    "kata-remote-devkit: the debugging tools are missing, because Kata's Go runtime attaches guest extension images with QEMU only",
  ]);
});
