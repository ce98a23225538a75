import { KataError } from '@kata/core';
import { expect, test } from 'vitest';
import { examine, type Examined, type Seeds } from './testkit/examined-machine.ts';
import type { CheckResult } from './check-result.ts';

const nested = { '/proc/cpuinfo': 'flags : fpu hypervisor\n' } as const;

const mounts = (text: string): Seeds => ({
  '/proc/self/mountinfo': `27 1 254:0 / / rw - ext4 a rw\n${text}`,
});

test.each<[string, Examined, string, CheckResult['state'], string]>([
  [
    'no driver',
    { without: ['/sys/class/misc/kvm'], files: { '/sys/class/misc/null': '' } },
    'kvm',
    'problem',
    'the kernel has no KVM driver',
  ],
  ['no KVM device', { without: ['/dev/kvm'] }, 'kvm', 'problem', '/dev/kvm does not exist'],
  [
    'a directory instead of a device',
    { without: ['/dev/kvm'], files: { '/dev/kvm/x': '' } },
    'kvm',
    'problem',
    '/dev/kvm does not exist',
  ],
  ['no vhost', { without: ['/dev/vhost-net'] }, 'vhost-net', 'problem', '/dev/vhost-net does not exist'],
  [
    'nested',
    { files: { '/proc/cpuinfo': 'flags : svm hypervisor\n' } },
    'processor',
    'ok',
    'the processor has svm; this machine is a virtual machine, so guests are nested',
  ],
  [
    'no nested virtualization, but PVM',
    { files: nested },
    'processor',
    'warning',
    'the processor has neither vmx nor svm; this machine is a virtual machine, so guests are nested; but the kernel has a KVM driver, such as PVM',
  ],
  [
    'virtualization is off',
    {
      without: ['/sys/class/misc/kvm'],
      files: { '/sys/class/misc/null': '', '/proc/cpuinfo': 'flags : fpu\n' },
    },
    'processor',
    'problem',
    'the processor has neither vmx nor svm',
  ],
  [
    'a mainframe',
    { kataArchitecture: 's390x', files: { '/proc/cpuinfo': 'features\t: esan3 zarch sie\n' } },
    'processor',
    'ok',
    '/proc/cpuinfo contains sie',
  ],
  [
    'a mainframe without sie',
    { kataArchitecture: 's390x', files: { '/proc/cpuinfo': 'features\t: esan3\n' } },
    'processor',
    'warning',
    '/proc/cpuinfo does not contain sie; but the kernel has a KVM driver',
  ],
  [
    'POWER',
    { kataArchitecture: 'ppc64le', files: { '/proc/cpuinfo': 'platform\t: PowerNV\n' } },
    'processor',
    'ok',
    '/proc/cpuinfo contains PowerNV',
  ],
  [
    'SNP is off',
    { shims: ['qemu', 'qemu-snp'], files: { '/sys/module/kvm_amd/parameters/sev_snp': 'N\n' } },
    'sev-snp',
    'warning',
    "kvm_amd's sev_snp is off",
  ],
  [
    'SNP without its device',
    { shims: ['qemu-snp'], files: { '/sys/module/kvm_amd/parameters/sev_snp': 'Y\n' } },
    'sev-snp',
    'problem',
    '/dev/sev does not exist',
  ],
  [
    'SNP',
    { shims: ['qemu-snp'], files: { '/sys/module/kvm_amd/parameters/sev_snp': 'Y\n', '/dev/sev': '' } },
    'sev-snp',
    'ok',
    '/dev/sev exists and sev_snp is on',
  ],
  ['only shims for TDX', { shims: ['qemu-tdx'] }, 'tdx', 'problem', "kvm_intel's tdx is not available"],
  [
    'Secure Execution',
    { kataArchitecture: 's390x', shims: ['qemu-se'], files: { '/sys/firmware/uv/prot_virt_host': '1\n' } },
    'secure-execution',
    'ok',
    'prot_virt_host is on',
  ],
  ['no GPU', { shims: ['qemu', 'qemu-nvidia-gpu'] }, 'vfio', 'warning', '/dev/vfio does not exist'],
  [
    'an unusable prefix',
    { files: mounts('28 27 8:1 / /opt ro,noexec - xfs b rw\n') },
    'prefix',
    'problem',
    '/opt/kata is on the mount /opt, which is ro and noexec',
  ],
  [
    'too little space',
    { freeBytes: 1.9e6 },
    'space',
    'problem',
    '/opt/kata needs 167 MB, and 1 MB are free on /dev/vda (mount /)',
  ],
  [
    'no payload',
    { payload: new KataError('KATA_PAYLOAD_MANIFEST', 'no manifest') },
    'space',
    'unknown',
    'no manifest',
  ],
  ['SELinux', { files: { '/sys/fs/selinux/enforce': '1' } }, 'selinux', 'warning', 'SELinux is enforcing'],
  [
    'only the bus',
    { without: ['/run/systemd'], files: { '/run/dbus/system_bus_socket': '' } },
    'systemd',
    'warning',
    '/run/systemd/private does not exist; only the system bus does',
  ],
  ['no systemd', { without: ['/run/systemd'] }, 'systemd', 'problem', '/run/systemd/private does not exist'],
])('%s', async (_, given, check, state, seen) => {
  const results = await examine(given);

  expect(results.filter((each) => each.check === check).map((each) => [each.state, each.seen])).toEqual([
    [state, seen],
  ]);
});
