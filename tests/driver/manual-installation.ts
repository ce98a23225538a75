/** Installs the stand-in shim on a node of the lab without the installer. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { packLayer } from '@kata/oci';
import type { LabDriver } from './lab-driver.ts';

export const kernelFile = '/opt/kata/share/kata-containers/vmlinux.container';
const configFile = '/opt/kata/share/defaults/kata-containers/configuration-qemu.toml';
const shimFile = '/opt/kata/bin/containerd-shim-kata-v2';

export interface NodeEngine {
  /** The version of the main file of the node's containerd. */
  readonly schema: 2 | 3;
  /** containerd 1.6 has no `runtime_path`, but accepts an absolute path for `runtime_type`. */
  readonly knowsRuntimePath: boolean;
}

export async function installManually(
  lab: LabDriver,
  node: string,
  engine: NodeEngine,
  shimDirectory: string,
): Promise<void> {
  const text = (content: string): Uint8Array => Buffer.from(content);
  const file = (
    path: string,
    content: Uint8Array,
    mode = 0o644,
  ): Parameters<typeof packLayer>[0][number] => ({
    kind: 'file',
    path: path.slice(1),
    content,
    mode,
  });
  const archive = await packLayer([
    file(shimFile, await readFile(join(shimDirectory, 'containerd-shim-kata-v2')), 0o755),
    file('/opt/kata/VERSION', text('3.24.0\n')),
    file('/opt/kata/bin/qemu-system-x86_64', text('stand-in for a hypervisor\n'), 0o755),
    file('/opt/kata/libexec/virtiofsd', text('stand-in for a daemon\n'), 0o755),
    file(kernelFile, text('stand-in for a kernel\n')),
    file('/opt/kata/share/kata-containers/kata-containers.img', text('stand-in for an image\n')),
    file(configFile, text(kataConfiguration)),
  ]);
  await lab.onNode(node, ['tar', '--extract', '--directory=/'], archive);
  const main = await lab.onNode(node, ['cat', '/etc/containerd/config.toml']);
  await lab.onNode(node, ['tee', '/etc/containerd/config.toml'], `${main}\n${handler(engine)}`);
  await lab.onNode(node, ['systemctl', 'restart', 'containerd']);
}

const kataConfiguration = `[hypervisor.qemu]
path = "/opt/kata/bin/qemu-system-x86_64"
kernel = "${kernelFile}"
image = "/opt/kata/share/kata-containers/kata-containers.img"
shared_fs = "virtio-fs"
virtio_fs_daemon = "/opt/kata/libexec/virtiofsd"
`;

function handler(engine: NodeEngine): string {
  const plugin = engine.schema === 3 ? 'io.containerd.cri.v1.runtime' : 'io.containerd.grpc.v1.cri';
  const table = `plugins."${plugin}".containerd.runtimes.kata-qemu`;
  const shim = engine.knowsRuntimePath
    ? `runtime_type = "io.containerd.kata-qemu.v2"\n  runtime_path = "${shimFile}"`
    : `runtime_type = "${shimFile}"`;
  return `[${table}]
  ${shim}
  privileged_without_host_devices = true

  [${table}.options]
    ConfigPath = "${configFile}"
`;
}

export const runtimeClass = {
  apiVersion: 'node.k8s.io/v1',
  kind: 'RuntimeClass',
  metadata: { name: 'kata-qemu' },
  handler: 'kata-qemu',
};

/** A line of the stand-in shim's records; see lab/shim/README.md. */
export interface ShimRecord {
  readonly event: 'start' | 'daemon' | 'create' | 'delete' | 'info';
  readonly id: string;
  readonly sandbox: string;
  readonly executable: string;
  readonly release: string;
  readonly version: string;
  readonly error?: string;
}

export async function readShimRecords(lab: LabDriver, node: string): Promise<readonly ShimRecord[]> {
  const text = await lab.onNode(node, ['cat', '/run/kata-stand-in/records.jsonl']);
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as ShimRecord);
}
