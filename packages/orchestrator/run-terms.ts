/** What decides the next steps of a run, besides its nodes. */
import { type RunTerms, tolerates } from '@kata/rollout';
import type { FleetWatch } from './fleet-watch.ts';
import type { DrivenRun } from './driven-run.ts';

export function termsOf(
  { id, intent, policy, helm }: DrivenRun,
  watch: Pick<FleetWatch, 'daemonSet'>,
  now: Pick<RunTerms, 'installation' | 'now' | 'isPayloadBack' | 'isStopped'>,
): RunTerms {
  const before = helm?.before.chart.version ?? null;
  return {
    ...now,
    run: id,
    intent,
    policy,
    versionBefore: before === helm?.version ? null : before,
    tolerates: (taint) => tolerates(watch.daemonSet?.tolerations ?? [], taint),
  };
}
