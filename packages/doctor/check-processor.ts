/** Checks in /proc/cpuinfo whether the processor supports virtualization. */
import type { Settings } from '@kata/settings';
import type { CheckResult } from './check-result.ts';
import { hasLocalGuests } from './check-devices.ts';
import type { DoctorFacts } from './facts.ts';

const check = 'processor';
const why = 'without hardware virtualization a guest is not isolated by the processor, or does not start';

export function checkProcessor(facts: DoctorFacts, settings: Settings): readonly CheckResult[] {
  if (!hasLocalGuests(settings)) return [];
  const { cpuInfo } = facts.kernel;
  switch (settings.kataArchitecture) {
    case 'x86_64':
      return [checkX86(words(cpuInfo, 'flags'), facts.kernel.kvmDriver === 'present')];
    case 's390x':
      return [checkWord(words(cpuInfo, 'features').has('sie'), 'sie', facts)];
    case 'ppc64le':
      return [checkWord(words(cpuInfo, 'platform').has('PowerNV'), 'PowerNV', facts)];
    case 'aarch64':
      // /proc/cpuinfo does not tell; the check of KVM does.
      return [];
  }
}

function checkX86(flags: ReadonlySet<string>, hasDriver: boolean): CheckResult {
  const found = ['vmx', 'svm'].find((flag) => flags.has(flag));
  const isNested = flags.has('hypervisor');
  const note = isNested ? '; this machine is a virtual machine, so guests are nested' : '';
  if (found !== undefined) return { check, state: 'ok', seen: `the processor has ${found}${note}`, why };
  const seen = `the processor has neither vmx nor svm${note}`;
  const next = isNested
    ? 'enable nested virtualization for this virtual machine on its host'
    : 'enable virtualization (VT-x or AMD-V) in the firmware';
  return hasDriver
    ? { check, state: 'warning', seen: `${seen}; but the kernel has a KVM driver, such as PVM`, why, next }
    : { check, state: 'problem', seen, why, next };
}

/** Virtualization may work without the word, as in a guest of PowerVM. */
function checkWord(isFound: boolean, word: string, facts: DoctorFacts): CheckResult {
  if (isFound) return { check, state: 'ok', seen: `/proc/cpuinfo contains ${word}`, why };
  const seen = `/proc/cpuinfo does not contain ${word}`;
  const next = 'enable nested virtualization for this partition or virtual machine';
  return facts.kernel.kvmDriver === 'present'
    ? { check, state: 'warning', seen: `${seen}; but the kernel has a KVM driver`, why, next }
    : { check, state: 'problem', seen, why, next };
}

/** The words of a line of the first processor. */
function words(cpuInfo: string, name: string): ReadonlySet<string> {
  const line = cpuInfo.split('\n').find((each) => each.split(':')[0]?.trim() === name);
  return new Set(
    line
      ?.slice(line.indexOf(':') + 1)
      .trim()
      .split(/\s+/),
  );
}
