import { describe, expect, test } from 'vitest';
import {
  handlerName,
  installationDirectory,
  neededComponents,
  runtimeDirectory,
  shimBinary,
  type Shim,
  shims,
} from './index.ts';

function shim(name: string): Shim {
  const found = shims.get(name);
  if (found === undefined) throw new Error(`no shim ${name}`);
  return found;
}

describe('the table of shims', () => {
  test('has all shims, half of them in Rust', () => {
    expect(shims.size).toBe(26);
    expect(
      [...shims.values()]
        .filter((s) => s.language === 'rust')
        .map((s) => s.name)
        .toSorted(),
    ).toEqual([
      'clh-azure-runtime-rs',
      'clh-runtime-rs',
      'dragonball',
      'openvmm-azure-runtime-rs',
      'qemu-coco-dev-runtime-rs',
      'qemu-nvidia-cpu-runtime-rs',
      'qemu-nvidia-gpu-runtime-rs',
      'qemu-nvidia-gpu-snp-runtime-rs',
      'qemu-nvidia-gpu-tdx-runtime-rs',
      'qemu-runtime-rs',
      'qemu-se-runtime-rs',
      'qemu-snp-runtime-rs',
      'qemu-tdx-runtime-rs',
    ]);
  });

  test('has the paths of the files of each language', () => {
    expect(shimBinary(shim('qemu'))).toBe('bin/containerd-shim-kata-v2');
    expect(shimBinary(shim('dragonball'))).toBe('runtime-rs/bin/containerd-shim-kata-v2');
    expect(runtimeDirectory(shim('clh'))).toBe('share/defaults/kata-containers/runtimes/clh');
    expect(runtimeDirectory(shim('dragonball'))).toBe(
      'share/defaults/kata-containers/runtime-rs/runtimes/dragonball',
    );
  });

  test('merges components, and has none for an architecture that a shim does not support', () => {
    expect(neededComponents([shim('fc'), shim('remote')], 'x86_64')).toEqual([
      'firecracker',
      'kernel',
      'kernel-debug',
      'rootfs-image',
      'rootfs-initrd',
      'shim-v2-go',
    ]);
    expect(neededComponents([shim('qemu-se')], 'x86_64')).toEqual([]);
  });
});

test.each([
  ['', '', '/opt/kata'],
  ['/', '', '/opt/kata'],
  ['/srv/', 'blue', '/srv/opt/kata-blue'],
])('the installation below "%s" with suffix "%s" is %s', (prefix, suffix, expected) => {
  expect(installationDirectory(prefix, suffix)).toBe(expected);
});

test('a handler has the suffix of its installation', () => {
  expect([
    handlerName('qemu', ''),
    handlerName('qemu', 'blue'),
    handlerName('qemu', '', 'debug'),
    handlerName('qemu', 'blue', 'devkit'),
  ]).toEqual(['kata-qemu', 'kata-qemu-blue', 'kata-qemu-debug', 'kata-qemu-blue-devkit']);
});
