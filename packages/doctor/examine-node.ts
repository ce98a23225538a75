/** The doctor: examines a machine for missing prerequisites of Kata. */
import { checkConfidential } from './check-confidential.ts';
import { checkKvm, checkVhost } from './check-devices.ts';
import { checkEngine } from './check-engine.ts';
import { checkKubelet, checkKubeletVersion } from './check-kubelet.ts';
import { checkProcessor } from './check-processor.ts';
import type { Settings } from '@kata/settings';
import type { CheckResult } from './check-result.ts';
import { checkPrefix, checkSpace } from './check-storage.ts';
import { checkSandboxes, checkSelinux, checkSystemd } from './check-system.ts';
import type { DoctorFacts } from './facts.ts';
import { type DoctorOptions, readDoctorFacts } from './probe.ts';

type Check = (facts: DoctorFacts, settings: Settings) => readonly CheckResult[];

/** In the order of the report; a check without results does not apply. */
const checks: readonly Check[] = [
  checkKvm,
  checkProcessor,
  checkVhost,
  checkConfidential,
  checkPrefix,
  checkSpace,
  checkSelinux,
  checkSystemd,
  checkEngine,
  checkKubelet,
  checkKubeletVersion,
  checkSandboxes,
];

/** Changes nothing. */
export async function examineNode(options: DoctorOptions): Promise<readonly CheckResult[]> {
  return diagnose(await readDoctorFacts(options), options.settings);
}

/** Pure. */
export function diagnose(facts: DoctorFacts, settings: Settings): readonly CheckResult[] {
  return checks.flatMap((check) => check(facts, settings));
}
