/** The configurations that a payload of the lab ships: upstream's templates filled, or minimal ones that say so. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { exitCodes, KataError } from '@kata/core';

const templates = join(import.meta.dirname, '../../recipes/kata-configuration');
const installation = '/opt/kata';
const guestFiles = `${installation}/share/kata-containers`;
const kernel = `${guestFiles}/vmlinux.container`;

const annotations =
  '["enable_iommu", "virtio_fs_extra_args", "kernel_params", "kernel_verity_params", "default_vcpus", "default_memory"]';

function program(path: string): string {
  return `${installation}/${path}`;
}

function listOf(...texts: readonly string[]): string {
  return JSON.stringify(texts);
}

const names = {
  PROJECT_NAME: 'Kata Containers',
  PROJECT_TYPE: 'kata',
  RUNTIMENAME: 'virt_container',
  HYPERVISOR_QEMU: 'qemu',
  CONFIG_QEMU_IN: 'config/configuration-qemu.toml.in',
  CONFIG_CLH_IN: 'config/configuration-clh.toml.in',
  CONFIG_FC_IN: 'config/configuration-fc.toml.in',
};

const paths = {
  QEMUPATH: program('bin/qemu-system-x86_64'),
  QEMUVALIDHYPERVISORPATHS: listOf(program('bin/qemu-system-x86_64')),
  CLHPATH: program('bin/cloud-hypervisor'),
  CLHVALIDHYPERVISORPATHS: listOf(program('bin/cloud-hypervisor')),
  FCPATH: program('bin/firecracker'),
  FCVALIDHYPERVISORPATHS: listOf(program('bin/firecracker')),
  FCJAILERPATH: program('bin/jailer'),
  FCVALIDJAILERPATHS: listOf(program('bin/jailer')),
  KERNELPATH: kernel,
  KERNELPATH_QEMU: kernel,
  KERNELPATH_CLH: kernel,
  KERNELPATH_FC: kernel,
  IMAGEPATH: `${guestFiles}/kata-containers.img`,
  FIRMWAREPATH: '',
  FIRMWAREVOLUMEPATH: '',
  DEFVIRTIOFSDAEMON: program('libexec/virtiofsd'),
  DEFVALIDVIRTIOFSDAEMONPATHS: listOf(program('libexec/virtiofsd')),
  DEFVHOSTUSERSTOREPATH: '/var/run/kata-containers/vhost-user',
  DEFVALIDVHOSTUSERSTOREPATHS: listOf('/var/run/kata-containers/vhost-user'),
  DEFDANCONF: '/run/kata-containers/dans',
  DEFKUBELETROOTDIR: '/var/lib/kubelet',
  DEFPODRESOURCEAPISOCK: '',
};

const machine = {
  MACHINETYPE: 'q35',
  MACHINEACCELERATORS: '',
  CPUFEATURES: 'pmu=off',
  KERNELPARAMS: '',
  DEFROOTFSTYPE: '"ext4"',
  DEFVCPUS: '1',
  DEFVCPUS_QEMU: '1',
  DEFOVERHEADVCPUS_QEMU: '0.0',
  DEFMAXVCPUS: '0',
  DEFMAXVCPUS_QEMU: '0',
  DEFMEMSZ: '2048',
  DEFOVERHEADMEMSZ_QEMU: '0',
  DEFMEMSLOTS: '10',
  DEFMAXMEMSZ: '0',
  DEFBRIDGES: '1',
  DEFENABLEVIRTIOMEM: 'false',
  DEFENABLEVCPUSPINNING_QEMU: 'false',
  DEFNETQUEUES: '1',
  DEFENTROPYSOURCE: '/dev/urandom',
  DEFVALIDENTROPYSOURCES: listOf('/dev/urandom', '/dev/random', ''),
  QEMUTDXQUOTEGENERATIONSERVICESOCKETPORT: '4050',
  VMROOTFSDRIVER_QEMU: 'virtio-pmem',
};

const storage = {
  DEFSHAREDFS_QEMU_VIRTIOFS: 'virtio-fs',
  DEFSHAREDFS_CLH_VIRTIOFS: 'virtio-fs',
  DEFVIRTIOFSCACHE: 'auto',
  DEFVIRTIOFSCACHESIZE: '0',
  DEFVIRTIOFSQUEUESIZE: '1024',
  DEFVIRTIOFSEXTRAARGS: listOf('--thread-pool-size=1', '-o', 'announce_submounts'),
  DEFBLOCKSTORAGEDRIVER_QEMU: 'virtio-scsi',
  DEFBLOCKSTORAGEDRIVER_FC: 'virtio-mmio',
  DEFBLOCKDEVICEAIO_QEMU: 'io_uring',
  DEFDISABLEBLOCK: 'false',
  DEFDISABLEIMAGENVDIMM: 'false',
  DEFDISABLEIMAGENVDIMM_CLH: 'true',
  DEFENABLEIOTHREADS: 'false',
  DEFINDEPIOTHREADS: '0',
  DEFENABLEVHOSTUSERSTORE: 'false',
  DEFMSIZE9P: '8192',
};

const sandbox = {
  DEFENABLEANNOTATIONS: annotations,
  DEFSECCOMPSANDBOXPARAM: '',
  DEFDISABLESELINUX: 'false',
  DEFDISABLEGUESTSELINUX: 'true',
  DEFDISABLEGUESTSECCOMP: 'true',
  DEFGUESTSELINUXLABEL: '',
  DEFNETWORKMODEL_QEMU: 'tcfilter',
  DEFNETWORKMODEL_CLH: 'tcfilter',
  DEFNETWORKMODEL_FC: 'tcfilter',
  DEFSANDBOXCGROUPONLY: 'false',
  DEFSANDBOXCGROUPONLY_QEMU: 'false',
  DEFSTATICRESOURCEMGMT_QEMU: 'false',
  DEFSTATICRESOURCEMGMT_CLH: 'false',
  DEFSTATICRESOURCEMGMT_FC: 'true',
  DEFBINDMOUNTS: '[]',
  DEFVFIOMODE: 'guest-kernel',
  DEFDISABLEGUESTEMPTYDIR: 'false',
  DEFEMPTYDIRMODE: 'shared-fs',
  DEFAULTEXPFEATURES: '[]',
  DEFCREATECONTAINERTIMEOUT: '60',
};

/** What upstream's build puts in for x86_64 and the prefix /opt/kata. */
const values: Readonly<Record<string, string>> = { ...names, ...paths, ...machine, ...storage, ...sandbox };

const knownTemplates: readonly string[] = ['clh', 'fc', 'qemu', 'qemu-runtime-rs'];

/** Hypervisor tables of shims without a template. */
const minimal: Readonly<Record<string, string>> = {
  'clh-runtime-rs': `[hypervisor.cloud-hypervisor]
path = "${program('bin/cloud-hypervisor')}"
kernel = "${kernel}"
image = "${guestFiles}/kata-containers.img"
rootfs_type = "ext4"
kernel_params = ""
enable_annotations = ${annotations}
shared_fs = "virtio-fs"
virtio_fs_daemon = "${program('libexec/virtiofsd')}"
`,
  dragonball: `[hypervisor.dragonball]
kernel = "${guestFiles}/vmlinux-dragonball-experimental.container"
image = "${guestFiles}/kata-containers.img"
rootfs_type = "ext4"
kernel_params = ""
enable_annotations = ${annotations}
shared_fs = "inline-virtio-fs"
`,
  remote: `[hypervisor.remote]
remote_hypervisor_socket = "/run/peerpod/hypervisor.sock"
remote_hypervisor_timeout = 600
enable_annotations = ${annotations}
`,
};

export async function kataConfiguration(shim: string): Promise<string> {
  if (knownTemplates.includes(shim)) {
    return fillTemplate(await readFile(join(templates, `configuration-${shim}.toml.in`), 'utf8'));
  }
  const table = minimal[shim];
  if (table === undefined)
    throw unknown(`there is neither a template nor a minimal configuration for ${shim}`);
  return `# MINIMAL: made for the lab, because upstream's template for ${shim} is not in recipes/kata-configuration.

${table}
[agent.kata]
dial_timeout = 45

[runtime]
internetworking_model = "tcfilter"
disable_guest_seccomp = true
sandbox_cgroup_only = false
experimental = []
`;
}

function fillTemplate(template: string): string {
  return template.replaceAll(/@([A-Z0-9_]+)@/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw unknown(`the template's @${name}@ has no value here`);
    return value;
  });
}

function unknown(message: string): KataError {
  return new KataError('KATA_LAB_CONFIGURATION', message, { exitCode: exitCodes.bug });
}
