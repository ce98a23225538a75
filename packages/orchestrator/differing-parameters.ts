/** Which parameters of a run that is resumed differ from those that are given now: the recorded ones count. */
import { isDeepStrictEqual } from 'node:util';
import { absoluteChart } from './helm/index.ts';
import type { DifferingParameter } from './differing-parameter.ts';
import type { UpgradeOrder } from './plan-order.ts';
import type { RunParameter } from './run-parameters.ts';
import type { RunPlan } from './run-record.ts';
import type { RunValues } from './run-values.ts';

type Comparable = Pick<RunPlan, 'query' | 'policy' | 'verification' | 'helm'>;

export function differingParameters(
  plan: Comparable,
  values: Pick<RunValues, 'setValues'> | undefined,
  { query, policy, verification, chart, setValues, directory }: UpgradeOrder,
): readonly DifferingParameter[] {
  const recorded = textsOf({ ...plan, setValues: values?.setValues ?? setValues });
  // The records of older versions do not have the selection.
  const given = textsOf({
    query: plan.query === undefined ? undefined : query,
    policy,
    verification,
    setValues,
  });
  const names = Object.keys(given) as readonly RunParameter[];
  const found = names.flatMap((name): readonly DifferingParameter[] => {
    if (recorded[name] === given[name]) return [];
    const isShown = !hidden.includes(name);
    return [
      {
        name,
        recorded: isShown ? (recorded[name] ?? '') : null,
        given: isShown ? (given[name] ?? '') : null,
      },
    ];
  });
  const isSameChart =
    plan.helm === null || isDeepStrictEqual(plan.helm.chart, absoluteChart(chart, directory));
  return isSameChart ? found : [...found, { name: 'chart', recorded: null, given: null }];
}

const hidden: readonly RunParameter[] = ['verification-pod', 'helm-set-values'];

interface Compared {
  readonly query?: RunPlan['query'] | undefined;
  readonly policy: Pick<RunPlan['policy'], 'batchSize' | 'drain' | 'rollbackScope'>;
  readonly verification: RunPlan['verification'];
  readonly setValues: string;
}

function textsOf({
  query,
  policy,
  verification,
  setValues,
}: Compared): Partial<Record<RunParameter, string>> {
  const { drain } = policy;
  return {
    ...(query === undefined
      ? {}
      : {
          'node-name': query.name,
          'node-selector': query.labelSelector,
          'node-taint-key': query.taintKey,
          'node-taint-value': query.taintValue,
        }),
    'batch-size': String(policy.batchSize),
    'drain-enabled': String(drain !== null),
    ...(drain === null ? {} : { 'drain-timeout': seconds(drain.timeoutMs) }),
    'verification-pod': verification.pod,
    'verification-namespace': verification.namespace,
    'verification-timeout': seconds(verification.timeoutMs),
    'helm-set-values': setValues,
    'rollback-scope': policy.rollbackScope,
  };
}

function seconds(ms: number): string {
  return `${ms / 1000}s`;
}
