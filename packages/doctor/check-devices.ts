/** The devices that hypervisors on this machine need: KVM, and QEMU's ways to the guest and to the network. */
import type { Settings } from '@kata/settings';
import { type CheckResult, hiddenResult } from './check-result.ts';
import type { DoctorFacts } from './facts.ts';

/** `remote` starts its virtual machines elsewhere. */
export function runsHere(settings: Settings): boolean {
  return settings.shims.some((shim) => shim.name !== 'remote');
}

export function checkKvm(facts: DoctorFacts, settings: Settings): readonly CheckResult[] {
  if (!runsHere(settings)) return [];
  const check = 'kvm';
  const why = 'every hypervisor of Kata runs its guests through /dev/kvm';
  const { kvmDriver } = facts.kernel;
  const device = facts.devices['/dev/kvm'];
  const next =
    settings.kataArchitecture === 'x86_64'
      ? 'switch on virtualization in the firmware (in a virtual machine: nested virtualization), then: modprobe kvm_intel (or kvm_amd)'
      : 'boot a kernel with KVM on a machine (or virtual machine) that lets it virtualize, then: modprobe kvm';
  if (kvmDriver === 'absent') {
    return [{ check, state: 'problem', seen: 'the kernel has no KVM driver', why, next }];
  }
  switch (device) {
    case 'absent':
      return [{ check, state: 'problem', seen: '/dev/kvm is not there', why, next }];
    case 'hidden':
      return [hiddenResult(check, why, '/dev')];
    case 'registered':
      return [{ check, state: 'ok', seen: 'the kernel has a driver of /dev/kvm', why }];
    case 'present':
      return kvmDriver === 'hidden'
        ? [hiddenResult(check, why, '/sys')]
        : [{ check, state: 'ok', seen: '/dev/kvm and its driver are there', why }];
  }
}

const vhost = [
  {
    name: 'vhost-vsock',
    module: 'vhost_vsock',
    why: 'QEMU lets the runtime talk to the agent in the guest through it',
  },
  {
    name: 'vhost-net',
    module: 'vhost_net',
    why: "QEMU connects pods to the network through it, unless Kata's configuration has disable_vhost_net",
  },
] as const;

export function checkVhost(facts: DoctorFacts, settings: Settings): readonly CheckResult[] {
  if (!settings.shims.some((shim) => shim.name.startsWith('qemu'))) return [];
  return vhost.map(({ name, module, why }): CheckResult => {
    const path = `/dev/${name}` as const;
    switch (facts.devices[path]) {
      case 'present':
        return { check: name, state: 'ok', seen: `${path} is there`, why };
      case 'registered':
        return { check: name, state: 'ok', seen: `the kernel has a driver of ${path}`, why };
      case 'absent': {
        const next = `modprobe ${module}; to keep it: echo ${module} >/etc/modules-load.d/${module}.conf`;
        return { check: name, state: 'problem', seen: `${path} is not there`, why, next };
      }
      case 'hidden':
        return hiddenResult(name, why, '/dev');
    }
  });
}
