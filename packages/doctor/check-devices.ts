/** Checks the devices that hypervisors need: KVM, and QEMU's vhost devices. */
import type { Settings } from '@kata/settings';
import { type CheckResult, hiddenResult } from './check-result.ts';
import type { DoctorFacts } from './facts.ts';

/** Whether guests run on this machine: those of the shim `remote` do not. */
export function hasLocalGuests(settings: Settings): boolean {
  return settings.shims.some((shim) => shim.name !== 'remote');
}

export function checkKvm(facts: DoctorFacts, settings: Settings): readonly CheckResult[] {
  if (!hasLocalGuests(settings)) return [];
  const check = 'kvm';
  const why = 'all hypervisors of Kata need /dev/kvm to run guests';
  const { kvmDriver } = facts.kernel;
  const device = facts.devices['/dev/kvm'];
  const next =
    settings.kataArchitecture === 'x86_64'
      ? 'enable virtualization in the firmware (for a virtual machine: nested virtualization on its host), then run: modprobe kvm_intel (or kvm_amd)'
      : 'boot a kernel with KVM on a machine that supports virtualization (for a virtual machine: nested virtualization), then run: modprobe kvm';
  if (kvmDriver === 'absent') {
    return [{ check, state: 'problem', seen: 'the kernel has no KVM driver', why, next }];
  }
  switch (device) {
    case 'absent':
      return [{ check, state: 'problem', seen: '/dev/kvm does not exist', why, next }];
    case 'hidden':
      return [hiddenResult(check, why, '/dev')];
    case 'registered':
      return [{ check, state: 'ok', seen: 'the kernel has a driver for /dev/kvm', why }];
    case 'present':
      return kvmDriver === 'hidden'
        ? [hiddenResult(check, why, '/sys')]
        : [{ check, state: 'ok', seen: '/dev/kvm exists and the kernel has its driver', why }];
  }
}

const vhost = [
  {
    name: 'vhost-vsock',
    module: 'vhost_vsock',
    why: 'with QEMU, the runtime talks to the agent in the guest through it',
  },
  {
    name: 'vhost-net',
    module: 'vhost_net',
    why: "QEMU connects pods to the network through it, unless Kata's configuration sets disable_vhost_net",
  },
] as const;

export function checkVhost(facts: DoctorFacts, settings: Settings): readonly CheckResult[] {
  if (!settings.shims.some((shim) => shim.name.startsWith('qemu'))) return [];
  return vhost.map(({ name, module, why }): CheckResult => {
    const path = `/dev/${name}` as const;
    switch (facts.devices[path]) {
      case 'present':
        return { check: name, state: 'ok', seen: `${path} exists`, why };
      case 'registered':
        return { check: name, state: 'ok', seen: `the kernel has a driver for ${path}`, why };
      case 'absent': {
        const next = `run: modprobe ${module}; to load it at every boot: echo ${module} >/etc/modules-load.d/${module}.conf`;
        return { check: name, state: 'problem', seen: `${path} does not exist`, why, next };
      }
      case 'hidden':
        return hiddenResult(name, why, '/dev');
    }
  });
}
