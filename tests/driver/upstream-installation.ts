/** Creates on a node what upstream's installer leaves: its tree, from the archives of a payload of the lab, and its edits of containerd's files. */
import type { EngineName } from '@kata/lab/engines/catalog.ts';
import type { LabDriver } from './lab-driver.ts';
import { imageDirectory } from './node-installer.ts';

const shims = ['qemu', 'clh'] as const;
const components = [
  ...['shim-v2-go', 'qemu', 'virtiofsd', 'nydus', 'kernel', 'kernel-debug', 'rootfs-image', 'rootfs-initrd'],
  'cloud-hypervisor',
];
const defaults = '/opt/kata/share/defaults/kata-containers';
const mainFile = '/etc/containerd/config.toml';
const dropInFolder = '/opt/kata/containerd/config.d';

/** Kata must not be installed, and `image` must be unpacked on the node. Restarts containerd. */
export async function installAsUpstream(
  lab: LabDriver,
  node: string,
  image: string,
  engine: EngineName,
): Promise<void> {
  const archives = `${imageDirectory(image)}/opt/kata-artifacts/tarballs`;
  const unpack = `${imageDirectory(image)}/usr/bin/node --eval 'process.stdin.pipe(zlib.createZstdDecompress()).pipe(process.stdout)'`;
  await lab.onNode(node, [
    'sh',
    '-c',
    `set -e
    for name in ${components.join(' ')}; do
      ${unpack} < ${archives}/kata-static-$name.tar.zst | tar --extract --no-same-owner --directory=/
    done
    for shim in ${shims.join(' ')}; do
      folder=runtimes/$shim file=configuration-$shim.toml
      mkdir -p ${defaults}/$folder/config.d
      mv ${defaults}/$file ${defaults}/$folder/$file
      ln -s $folder/$file ${defaults}/$file
    done
    mkdir -p ${dropInFolder}`,
  ]);
  const main = `${await lab.onNode(node, ['cat', mainFile])}\n`;
  if (engine < 'containerd-2') {
    await lab.onNode(node, ['cp', '-a', mainFile, `${mainFile}.bak`]);
    await lab.onNode(node, ['tee', mainFile], `${main}${handlers('io.containerd.grpc.v1.cri')}`);
  } else {
    const dropIn = `${dropInFolder}/kata-deploy.toml`;
    await lab.onNode(node, ['tee', dropIn], `version = 3\n${handlers('io.containerd.cri.v1.runtime')}`);
    const [first = '', ...rest] = main.split('\n');
    await lab.onNode(node, ['tee', mainFile], [first, `imports = ["${dropIn}"]`, ...rest].join('\n'));
  }
  await lab.onNode(node, ['systemctl', 'restart', 'containerd']);
}

function handlers(plugin: string): string {
  return shims.map((shim) => handlerTable(plugin, shim)).join('');
}

function handlerTable(plugin: string, shim: string): string {
  const table = `plugins."${plugin}".containerd.runtimes.kata-${shim}`;
  return `
[${table}]
runtime_type = "io.containerd.kata-${shim}.v2"
runtime_path = "/opt/kata/bin/containerd-shim-kata-v2"
privileged_without_host_devices = true
pod_annotations = ["io.katacontainers.*"]
container_annotations = ["io.kubernetes.container.terminationMessage*"]

[${table}.options]
ConfigPath = "${defaults}/runtimes/${shim}/configuration-${shim}.toml"
`;
}
