/** Checks what shims for confidential computing and for GPUs need. */
import type { Settings } from '@kata/settings';
import { type CheckResult, hiddenResult } from './check-result.ts';
import type { DoctorFacts } from './facts.ts';

interface Need {
  readonly check: string;
  /** Whether a shim needs it, by the parts of its name. */
  readonly isNeededBy: (parts: readonly string[]) => boolean;
  readonly look: (facts: DoctorFacts) => Outcome;
  readonly next: string;
}

type Outcome =
  | { readonly kind: 'met' | 'unmet'; readonly seen: string }
  | { readonly kind: 'hidden'; readonly mount: `/${string}` };

const needs: readonly Need[] = [
  {
    check: 'sev-snp',
    isNeededBy: (parts) => parts.includes('snp'),
    look: ({ devices, kernel }) => {
      if (!isOn(kernel.sevSnp))
        return { kind: 'unmet', seen: `kvm_amd's sev_snp is ${describe(kernel.sevSnp)}` };
      if (devices['/dev/sev'] === 'hidden') return { kind: 'hidden', mount: '/dev' };
      return devices['/dev/sev'] === 'absent'
        ? { kind: 'unmet', seen: '/dev/sev does not exist' }
        : { kind: 'met', seen: '/dev/sev exists and sev_snp is on' };
    },
    next: 'enable SEV-SNP in the firmware and boot a kernel with SEV-SNP host support, or do not install these shims',
  },
  {
    check: 'tdx',
    isNeededBy: (parts) => parts.includes('tdx'),
    look: ({ kernel }) => ({
      kind: isOn(kernel.tdx) ? 'met' : 'unmet',
      seen: `kvm_intel's tdx is ${describe(kernel.tdx)}`,
    }),
    next: 'enable TDX in the firmware and boot a kernel with TDX host support (kvm_intel.tdx=1), or do not install these shims',
  },
  {
    check: 'secure-execution',
    isNeededBy: (parts) => parts.includes('se'),
    look: ({ kernel: { secureExecution } }) =>
      secureExecution.visibility === 'hidden'
        ? { kind: 'hidden', mount: '/sys/firmware' }
        : {
            kind: isOn(secureExecution.text) ? 'met' : 'unmet',
            seen: `prot_virt_host is ${describe(secureExecution.text)}`,
          },
    next: 'boot with prot_virt=1 on a machine that has Secure Execution, or do not install these shims',
  },
  {
    check: 'vfio',
    isNeededBy: (parts) => parts.includes('gpu'),
    look: ({ devices }) => {
      if (devices['/dev/vfio'] === 'hidden') return { kind: 'hidden', mount: '/dev' };
      return devices['/dev/vfio'] === 'absent'
        ? { kind: 'unmet', seen: '/dev/vfio does not exist' }
        : { kind: 'met', seen: '/dev/vfio exists' };
    },
    next: 'enable the IOMMU (intel_iommu=on or amd_iommu=on), then run: modprobe vfio-pci; or do not install these shims',
  },
];

/** A need of only some enabled shims is a warning, because the others work without it. */
export function checkConfidential(facts: DoctorFacts, settings: Settings): readonly CheckResult[] {
  const shims = settings.shims.map(({ name }) => ({ name, parts: name.split('-') }));
  const isOptional = shims.some(({ parts }) => !needs.some((need) => need.isNeededBy(parts)));
  return needs.flatMap(({ check, isNeededBy, look, next }): readonly CheckResult[] => {
    const names = shims.filter(({ parts }) => isNeededBy(parts)).map(({ name }) => name);
    if (names.length === 0) return [];
    const why = `pods of ${names.join(', ')} need it to start`;
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

function describe(parameter: string | undefined): string {
  if (parameter === undefined) return 'not available';
  return isOn(parameter) ? 'on' : 'off';
}
