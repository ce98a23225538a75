/** Whether installed handlers have configurations that Kata loads. */
import type { CheckResult } from './check-result.ts';
import type { DoctorFacts } from './facts.ts';

export function checkHandlers({ refused }: DoctorFacts): readonly CheckResult[] {
  return refused.map(({ handler, refusals }) => ({
    check: 'configuration',
    state: 'problem',
    seen: refusals.join('; '),
    why: `${handler} starts no pod with a configuration that Kata refuses; its loaders read every entry of config.d`,
    next: 'correct these files, or remove them',
  }));
}
