/** Whether the processor can virtualize, as far as /proc/cpuinfo tells. */
import type { Settings } from '@kata/settings';
import type { CheckResult } from './check-result.ts';
import { runsHere } from './check-devices.ts';
import type { DoctorFacts } from './facts.ts';

const check = 'processor';
const why = 'without help of the processor a guest is not isolated by hardware, or does not start';

export function checkProcessor(facts: DoctorFacts, settings: Settings): readonly CheckResult[] {
  if (!runsHere(settings)) return [];
  const { cpuInfo } = facts.kernel;
  switch (settings.kataArchitecture) {
    case 'x86_64':
      return [checkX86(words(cpuInfo, 'flags'), facts.kernel.kvmDriver === 'present')];
    case 's390x':
      return [checkWord(words(cpuInfo, 'features').has('sie'), 'sie', facts)];
    case 'ppc64le':
      return [checkWord(words(cpuInfo, 'platform').has('PowerNV'), 'PowerNV', facts)];
    case 'aarch64':
      // The kernel does not say it there: KVM is present or is not.
      return [];
  }
}

function checkX86(flags: ReadonlySet<string>, hasDriver: boolean): CheckResult {
  const found = ['vmx', 'svm'].find((flag) => flags.has(flag));
  const isNested = flags.has('hypervisor');
  const note = isNested ? '; this machine is itself a virtual machine, so that guests are nested in it' : '';
  if (found !== undefined) return { check, state: 'ok', seen: `the processor has ${found}${note}`, why };
  const seen = `the processor has neither vmx nor svm${note}`;
  const next = isNested
    ? 'switch on nested virtualization for this virtual machine where it is hosted'
    : 'switch on virtualization (VT-x or AMD-V) in the firmware';
  return hasDriver
    ? { check, state: 'warning', seen: `${seen}; yet the kernel has a KVM driver, such as PVM`, why, next }
    : { check, state: 'problem', seen, why, next };
}

/** The kernel may virtualize without saying the word, as a guest of PowerVM does. */
function checkWord(isFound: boolean, word: string, facts: DoctorFacts): CheckResult {
  if (isFound) return { check, state: 'ok', seen: `/proc/cpuinfo says ${word}`, why };
  const seen = `/proc/cpuinfo does not say ${word}`;
  const next = 'let this partition or virtual machine host guests of its own';
  return facts.kernel.kvmDriver === 'present'
    ? { check, state: 'warning', seen: `${seen}; yet the kernel has a KVM driver`, why, next }
    : { check, state: 'problem', seen, why, next };
}

/** Of the first processor. */
function words(cpuInfo: string, name: string): ReadonlySet<string> {
  const line = cpuInfo.split('\n').find((each) => each.split(':')[0]?.trim() === name);
  return new Set(
    line
      ?.slice(line.indexOf(':') + 1)
      .trim()
      .split(/\s+/),
  );
}
