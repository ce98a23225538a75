/** What the shims for confidential computing and for graphics cards need of the machine. */
import type { Settings } from '@kata/settings';
import { type CheckResult, hiddenResult } from './check-result.ts';
import type { DoctorFacts } from './facts.ts';

interface Need {
  readonly check: string;
  /** Whether a shim has it, by the parts of its name. */
  readonly isOf: (parts: readonly string[]) => boolean;
  readonly look: (facts: DoctorFacts) => Outcome;
  readonly next: string;
}

type Outcome =
  | { readonly kind: 'met' | 'unmet'; readonly seen: string }
  | { readonly kind: 'hidden'; readonly mount: `/${string}` };

const needs: readonly Need[] = [
  {
    check: 'sev-snp',
    isOf: (parts) => parts.includes('snp'),
    look: ({ devices, kernel }) => {
      if (!isOn(kernel.sevSnp)) return { kind: 'unmet', seen: `kvm_amd's sev_snp is ${say(kernel.sevSnp)}` };
      if (devices['/dev/sev'] === 'hidden') return { kind: 'hidden', mount: '/dev' };
      return devices['/dev/sev'] === 'absent'
        ? { kind: 'unmet', seen: '/dev/sev is not there' }
        : { kind: 'met', seen: '/dev/sev is there and sev_snp is on' };
    },
    next: 'switch on SEV-SNP in the firmware and boot a kernel that hosts it, or leave these shims out',
  },
  {
    check: 'tdx',
    isOf: (parts) => parts.includes('tdx'),
    look: ({ kernel }) => ({
      kind: isOn(kernel.tdx) ? 'met' : 'unmet',
      seen: `kvm_intel's tdx is ${say(kernel.tdx)}`,
    }),
    next: 'switch on TDX in the firmware and boot a kernel that hosts it (kvm_intel.tdx=1), or leave these shims out',
  },
  {
    check: 'secure-execution',
    isOf: (parts) => parts.includes('se'),
    look: ({ kernel: { secureExecution } }) =>
      secureExecution.visibility === 'hidden'
        ? { kind: 'hidden', mount: '/sys/firmware' }
        : {
            kind: isOn(secureExecution.text) ? 'met' : 'unmet',
            seen: `prot_virt_host is ${say(secureExecution.text)}`,
          },
    next: 'boot with prot_virt=1 on a machine that has Secure Execution, or leave these shims out',
  },
  {
    check: 'vfio',
    isOf: (parts) => parts.includes('gpu'),
    look: ({ devices }) => {
      if (devices['/dev/vfio'] === 'hidden') return { kind: 'hidden', mount: '/dev' };
      return devices['/dev/vfio'] === 'absent'
        ? { kind: 'unmet', seen: '/dev/vfio is not there' }
        : { kind: 'met', seen: '/dev/vfio is there' };
    },
    next: 'switch on the IOMMU (intel_iommu=on or amd_iommu=on), then: modprobe vfio-pci; or leave these shims out',
  },
];

/** What only some of the enabled shims need is a warning: the others work without. */
export function checkConfidential(facts: DoctorFacts, settings: Settings): readonly CheckResult[] {
  const shims = settings.shims.map(({ name }) => ({ name, parts: name.split('-') }));
  const isOptional = shims.some(({ parts }) => !needs.some((need) => need.isOf(parts)));
  return needs.flatMap(({ check, isOf, look, next }): readonly CheckResult[] => {
    const names = shims.filter(({ parts }) => isOf(parts)).map(({ name }) => name);
    if (names.length === 0) return [];
    const why = `pods of ${names.join(', ')} start only with it`;
    const outcome = look(facts);
    switch (outcome.kind) {
      case 'hidden':
        return [hiddenResult(check, why, outcome.mount)];
      case 'met':
        return [{ check, state: 'ok', seen: outcome.seen, why }];
      case 'unmet':
        return [{ check, state: isOptional ? 'warning' : 'problem', seen: outcome.seen, why, next }];
    }
  });
}

function isOn(parameter: string | undefined): boolean {
  return parameter !== undefined && ['Y', 'y', '1'].includes(parameter.trim());
}

function say(parameter: string | undefined): string {
  if (parameter === undefined) return 'not there';
  return isOn(parameter) ? 'on' : 'off';
}
