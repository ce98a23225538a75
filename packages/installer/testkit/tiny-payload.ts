/** A payload with everything that a release can have, as small as it can be. */
import { createWriteStream } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createZstdCompress } from 'node:zlib';
import { archiveName, describePayload, openPayload, type Payload, payloadFile } from '@kata/artifacts';
import { type LayerEntry, packLayer } from '@kata/oci';

/** For the shims `remote`, `qemu-snp` and, in Rust, `qemu-snp-runtime-rs`. */
function contentsOf(version: string): Readonly<Record<string, readonly LayerEntry[]>> {
  const file = (path: string, content: string, mode = 0o644): LayerEntry => ({
    kind: 'file',
    path: `./opt/kata/${path}`,
    content: Buffer.from(content),
    mode,
  });
  const configuration = (name: string, path = ''): LayerEntry =>
    file(
      `share/defaults/kata-containers/configuration-${name}.toml`,
      `[hypervisor.${name}]\n${path === '' ? '' : `path = "${path}"\n`}`,
    );
  return {
    'shim-v2-go': [
      file('bin/containerd-shim-kata-v2', `shim ${version}`, 0o755),
      file('VERSION', `${version}\n`),
      configuration('remote'),
      configuration('qemu-snp', '/opt/kata/bin/qemu-snp'),
    ],
    'shim-v2-rust': [
      file('runtime-rs/bin/containerd-shim-kata-v2', `shim ${version}`, 0o755),
      file(
        'share/defaults/kata-containers/runtime-rs/configuration-qemu-snp-runtime-rs.toml',
        '[hypervisor.qemu]\npath = "/opt/kata/bin/qemu-snp"\n',
      ),
    ],
    'rootfs-image': [file('share/image-plain', 'same')],
    'rootfs-image-coco-extension': [file('share/image-extension', 'same')],
    kernel: [
      file('share/vmlinux-1', 'same'),
      { kind: 'link', path: './opt/kata/share/vmlinux', target: 'vmlinux-1' },
    ],
    qemu: [file('bin/qemu-snp', `qemu ${version}`, 0o755)],
    'rootfs-image-confidential': [file('share/image', `image ${version}`)],
    'ovmf-sev': [file('share/ovmf', 'same')],
  };
}

/** An older and a newer one. */
export async function makeTwoTinyPayloads(parent: string): Promise<readonly [Payload, Payload]> {
  return [await makeTinyPayload(parent, '3.24.0'), await makeTinyPayload(parent, '3.25.0')];
}

async function makeTinyPayload(parent: string, version: string): Promise<Payload> {
  const directory = join(parent, version);
  await mkdir(join(directory, 'tarballs'), { recursive: true });
  const archives = [];
  for (const [component, entries] of Object.entries(contentsOf(version))) {
    const path = join(directory, 'tarballs', archiveName(component));
    await pipeline(Readable.from([await packLayer(entries)]), createZstdCompress(), createWriteStream(path));
    archives.push({ component, path });
  }
  const manifest = describePayload({ version, architecture: 'amd64', archives });
  await writeFile(join(directory, payloadFile), JSON.stringify(manifest));
  return await openPayload(directory);
}
