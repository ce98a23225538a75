/** The configurations that a payload of the lab ships: upstream's templates filled, or minimal ones that say so. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { exitCodes, KataError } from '@kata/core';
import { type Shim, shims } from '@kata/kata';
import { renderDocument, type TomlTable } from '@kata/toml';

const templates = join(import.meta.dirname, '../../recipes/kata-configuration');
const installation = '/opt/kata';
const guestFiles = `${installation}/share/kata-containers`;
const kernel = `${guestFiles}/vmlinux.container`;

const annotations = [
  'enable_iommu',
  'kernel_params',
  'kernel_verity_params',
  'default_vcpus',
  'default_memory',
];

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
  CONFIG_QEMU_SNP_IN: 'config/configuration-qemu-nvidia-gpu-snp.toml.in',
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
  KERNELPARAMS: 'cgroup_no_v1=all systemd.unified_cgroup_hierarchy=1',
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
  DEFENABLEANNOTATIONS: listOf(...annotations),
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

/** Of confidential guests, and of guests with NVIDIA GPUs. */
const confidential = {
  QEMUSNPPATH: program('bin/qemu-system-x86_64-snp-experimental'),
  QEMUSNPVALIDHYPERVISORPATHS: listOf(program('bin/qemu-system-x86_64-snp-experimental')),
  KERNELPATH_CONFIDENTIAL_NV: `${guestFiles}/vmlinuz-nvidia-gpu.container`,
  KERNELPARAMS_CONFIDENTIAL_NV: 'cgroup_no_v1=all pci=realloc pci=nocrs',
  KERNELVERITYPARAMS_CONFIDENTIAL_NV: '',
  IMAGEPATH_CONFIDENTIAL_NV: `${guestFiles}/kata-containers-nvidia-gpu-confidential.img`,
  FIRMWARESNPPATH_NV: program('share/ovmf/AMDSEV.fd'),
  FIRMWARETDVFVOLUMEPATH: '',
  DEFENABLEANNOTATIONS_COCO: listOf(...annotations, 'cc_init_data'),
  DEFSHAREDFS_QEMU_SNP_VIRTIOFS: 'none',
  DEFROOTFSTYPE_NV: '"erofs"',
  DEFAULTVCPUS_NV: '1',
  DEFAULTMEMORY_NV: '8192',
  DEFAULTVFIOPORT_NV: 'root-port',
  DEFAULTTIMEOUT_NV: '1200',
  DEFAULTLAUNCHPROCESSTIMEOUT_NV: '15',
  DEFENABLENUMA_NV: 'false',
  DEFENABLEVCPUPINNING_NV: 'false',
  DEFSANDBOXCGROUPONLY_NV: 'true',
  DEFSTATICRESOURCEMGMT_NV: 'true',
  DEFEMPTYDIRMODE_COCO: 'block-encrypted',
  DEFFORCEGUESTPULL: 'false',
  DEFPODRESOURCEAPISOCK_NV: '/var/lib/kubelet/pod-resources/kubelet.sock',
};

/** What upstream's build inserts for x86_64 and the prefix /opt/kata. */
const values: Readonly<Record<string, string>> = {
  ...names,
  ...paths,
  ...machine,
  ...storage,
  ...sandbox,
  ...confidential,
};

const knownTemplates: readonly string[] = ['clh', 'fc', 'qemu', 'qemu-nvidia-gpu-snp', 'qemu-runtime-rs'];

/** The kernel of IBM Secure Execution includes image and initrd. */
const secureExecution: TomlTable = { confidential_guest: true, machine_type: 's390-ccw-virtio' };

/** Settings of a minimal configuration by the components of the shim; a later component overrides an earlier one. */
const settingsOf: Readonly<Record<string, TomlTable>> = {
  qemu: { path: program('bin/qemu-system-x86_64') },
  'qemu-no-shared-fs': { path: program('bin/qemu-system-x86_64-no-shared-fs') },
  'qemu-snp-experimental': { path: program('bin/qemu-system-x86_64-snp-experimental') },
  'qemu-tdx-experimental': { path: program('bin/qemu-system-x86_64-tdx-experimental') },
  'cloud-hypervisor': { path: program('bin/cloud-hypervisor') },
  openvmm: { path: program('bin/openvmm') },
  virtiofsd: { shared_fs: 'virtio-fs', virtio_fs_daemon: program('libexec/virtiofsd') },
  kernel: { kernel },
  'kernel-nvidia-gpu': { kernel: `${guestFiles}/vmlinuz-nvidia-gpu.container` },
  'kernel-dragonball-experimental': {
    kernel: `${guestFiles}/vmlinux-dragonball-experimental.container`,
    shared_fs: 'inline-virtio-fs',
  },
  'boot-image-se': { ...secureExecution, kernel: `${guestFiles}/kata-containers-se.img` },
  'boot-image-se-runtime-rs': {
    ...secureExecution,
    kernel: `${guestFiles}/kata-containers-se-runtime-rs.img`,
  },
  'rootfs-image': { image: `${guestFiles}/kata-containers.img` },
  'rootfs-image-confidential': { image: `${guestFiles}/kata-containers-confidential.img` },
  'rootfs-image-mariner': { image: `${guestFiles}/kata-containers-mariner.img` },
  'rootfs-image-nvidia': { image: `${guestFiles}/kata-containers-nvidia.img` },
  'rootfs-image-nvidia-gpu': { image: `${guestFiles}/kata-containers-nvidia-gpu.img` },
  'rootfs-image-nvidia-gpu-confidential': {
    image: `${guestFiles}/kata-containers-nvidia-gpu-confidential.img`,
  },
  'ovmf-sev': { firmware: program('share/ovmf/AMDSEV.fd') },
  'ovmf-tdx': { firmware: program('share/ovmf/OVMF.inteltdx.fd') },
};

export async function kataConfiguration(shim: string): Promise<string> {
  if (knownTemplates.includes(shim)) {
    return fillTemplate(await readFile(join(templates, `configuration-${shim}.toml.in`), 'utf8'));
  }
  const known = shims.get(shim);
  if (known === undefined) throw unknown(`unknown shim "${shim}"`);
  return renderDocument(
    {
      hypervisor: { [hypervisorOf(shim)]: minimalHypervisor(known) },
      agent: { kata: known.language === 'rust' ? { dial_timeout_ms: 45_000 } : { dial_timeout: 45 } },
      runtime: {
        // The Rust shims have no defaults for these names.
        ...(known.language === 'rust'
          ? { name: names.RUNTIMENAME, hypervisor_name: hypervisorOf(shim), agent_name: names.PROJECT_TYPE }
          : {}),
        internetworking_model: shim === 'remote' ? 'none' : 'tcfilter',
        disable_guest_seccomp: true,
        sandbox_cgroup_only: false,
        experimental: [],
      },
    },
    `MINIMAL: made for the lab, because upstream's template for ${shim} is not in recipes/kata-configuration.`,
  );
}

/** The name of its table in upstream's templates. */
function hypervisorOf(shim: string): string {
  const [name = ''] = shim.split('-');
  return name === 'fc' ? 'firecracker' : name;
}

function minimalHypervisor(shim: Shim): TomlTable {
  const needed = Object.values(shim.components)[0] ?? [];
  const extensions = needed.flatMap((component) => {
    const name = /^rootfs-image-(?:nvidia-)?(\w+)-extension$/.exec(component)?.[1];
    return name === undefined
      ? []
      : [{ name, path: `${guestFiles}/${imageOf(component)}`, verity_params: '' }];
  });
  return {
    ...(shim.name === 'remote'
      ? { remote_hypervisor_socket: '/run/peerpod/hypervisor.sock', remote_hypervisor_timeout: 600 }
      : { rootfs_type: 'ext4', shared_fs: 'none' }),
    kernel_params: shim.name === 'remote' ? '' : machine.KERNELPARAMS,
    enable_annotations: annotations,
    ...needed.reduce<TomlTable>((settings, component) => ({ ...settings, ...settingsOf[component] }), {}),
    ...(extensions.length === 0 ? {} : { guest_extension_images: extensions }),
  };
}

function imageOf(component: string): string {
  return `${component.replace('rootfs-image', 'kata-containers')}.img`;
}

function fillTemplate(template: string): string {
  return template.replaceAll(/@([A-Z0-9_]+)@/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw unknown(`no value is defined for @${name}@ of the template`);
    return value;
  });
}

function unknown(message: string): KataError {
  return new KataError('KATA_LAB_CONFIGURATION', message, { exitCode: exitCodes.bug });
}
