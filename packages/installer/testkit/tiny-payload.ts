/** The smallest payload with everything that a release can have. */
import { join } from 'node:path';
import type { Payload } from '@kata/artifacts';
import type { LayerEntry } from '@kata/oci';
import { kataFile, packPayload } from './pack-payload.ts';

/** For the shims `remote`, `qemu-snp` and, in Rust, `qemu-snp-runtime-rs`. */
function contentsOf(version: string): Readonly<Record<string, readonly LayerEntry[]>> {
  const configuration = (name: string, path = ''): LayerEntry =>
    kataFile(
      `share/defaults/kata-containers/configuration-${name}.toml`,
      `[hypervisor.${name}]\n${path === '' ? '' : `path = "${path}"\n`}`,
    );
  return {
    'shim-v2-go': [
      kataFile('bin/containerd-shim-kata-v2', `shim ${version}`, 0o755),
      kataFile('VERSION', `${version}\n`),
      configuration('remote'),
      configuration('qemu-snp', '/opt/kata/bin/qemu-snp'),
    ],
    'shim-v2-rust': [
      kataFile('runtime-rs/bin/containerd-shim-kata-v2', `shim ${version}`, 0o755),
      kataFile(
        'share/defaults/kata-containers/runtime-rs/configuration-qemu-snp-runtime-rs.toml',
        '[hypervisor.qemu]\npath = "/opt/kata/bin/qemu-snp"\n',
      ),
    ],
    'rootfs-image': [kataFile('share/image-plain', 'same')],
    'rootfs-image-coco-extension': [kataFile('share/image-extension', 'same')],
    kernel: [
      kataFile('share/vmlinux-1', 'same'),
      { kind: 'link', path: './opt/kata/share/vmlinux', target: 'vmlinux-1' },
    ],
    qemu: [kataFile('bin/qemu-snp', `qemu ${version}`, 0o755)],
    'rootfs-image-confidential': [kataFile('share/image', `image ${version}`)],
    'ovmf-sev': [kataFile('share/ovmf', 'same')],
  };
}

/** An older and a newer one. */
export async function makeTwoTinyPayloads(parent: string): Promise<readonly [Payload, Payload]> {
  return [await makeTinyPayload(parent, '3.24.0'), await makeTinyPayload(parent, '3.25.0')];
}

async function makeTinyPayload(parent: string, version: string): Promise<Payload> {
  return await packPayload(join(parent, version), { version, components: contentsOf(version) });
}
