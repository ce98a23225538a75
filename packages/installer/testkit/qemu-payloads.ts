/** For tests that install `qemu` and `clh`: payloads of two versions, in a scratch folder. */
import { join } from 'node:path';
import type { Payload } from '@kata/artifacts';
import type { LayerEntry } from '@kata/oci';
import { beforeAll } from 'vitest';
import { kataFile, packPayload, useScratch } from './pack-payload.ts';

interface QemuPayloads {
  /** 3.24.0 */
  readonly first: Payload;
  /** 3.25.0 */
  readonly second: Payload;
  /** Makes another one; `info` stands for its shim information. */
  readonly make: (version: string, kernel: string, options: { readonly info: string }) => Promise<Payload>;
}

/** Registers hooks that create and remove them; they do not exist before the first test. */
export function useQemuPayloads(): QemuPayloads {
  const scratch = useScratch('qemu-payloads');
  const make: QemuPayloads['make'] = async (version, kernel, { info }) => {
    const digest = Buffer.from(info).toString('hex').padEnd(64, '0').slice(0, 64);
    return await packPayload(join(scratch(), `${version}-${info}`), {
      version,
      components: contentsOf(version, kernel),
      shimInfo: { 'bin/containerd-shim-kata-v2': digest },
    });
  };
  let two: readonly [Payload, Payload] | undefined;
  const made = (): readonly [Payload, Payload] => {
    if (two === undefined) throw new TypeError('there are no payloads before the first test');
    return two;
  };
  beforeAll(async () => {
    two = [
      await make('3.24.0', 'kernel one', { info: 'same' }),
      await make('3.25.0', 'kernel two', { info: 'same' }),
    ];
  });
  return {
    get first() {
      return made()[0];
    },
    get second() {
      return made()[1];
    },
    make,
  };
}

/** Only 3.24.0 has the shim `later`. */
function contentsOf(version: string, kernel: string): Readonly<Record<string, readonly LayerEntry[]>> {
  const configuration = (name: string): LayerEntry =>
    kataFile(
      `share/defaults/kata-containers/configuration-${name}.toml`,
      `[hypervisor.${name}]\npath = "/opt/kata/bin/${name}"\nkernel = "/opt/kata/share/vmlinux"\n`,
    );
  const others = [
    ...['kernel-debug', 'nydus', 'qemu', 'cloud-hypervisor'],
    ...['rootfs-image', 'rootfs-initrd', 'virtiofsd'],
  ].map((name) => [name, [kataFile(`share/${name}`, `content of ${name}`)]] as const);
  return {
    'shim-v2-go': [
      kataFile('bin/containerd-shim-kata-v2', `shim ${version}`, 0o755),
      kataFile('VERSION', `${version}\n`),
      configuration('qemu'),
      configuration('clh'),
      ...(version === '3.24.0' ? [configuration('later')] : []),
    ],
    kernel: [kataFile('share/vmlinux', kernel)],
    ...Object.fromEntries(others),
  };
}
