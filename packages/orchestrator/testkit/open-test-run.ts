/** A run over nodes of the cluster in memory, with a Helm that only notes its calls. */
import type { Policy } from '@kata/rollout';
import { executeRun } from '../execute-run.ts';
import { createRun, type RunPlan } from '../run-record.ts';
import { RunStages } from '../run-stages.ts';
import type { FakeCluster } from './fake-cluster.ts';
import { planOf, type TestContext } from './fleet-objects.ts';

export interface TestRun {
  readonly stages: RunStages;
  /** Calls so far. */
  readonly helm: readonly string[];
  readonly run: () => Promise<string>;
}

interface TestPlan {
  readonly names: readonly string[];
  readonly policy: Policy;
  readonly query: NonNullable<RunPlan['query']>;
}

export async function openTestRun(
  cluster: FakeCluster,
  context: TestContext,
  { names, policy, query }: TestPlan,
): Promise<TestRun> {
  const nodes = names.map((name) => ({ name, uid: cluster.get('nodes', name)?.metadata.uid ?? '' }));
  const stages = new RunStages(context, await createRun(context, planOf({ policy, nodes, query })), {
    check: async () => await Promise.resolve(),
  });
  const helm: string[] = [];
  const control = {
    upgrade: async () => await Promise.resolve(void helm.push('upgrade')),
    restore: async () => await Promise.resolve(void helm.push('restore')),
  };
  return { stages, helm, run: async () => await executeRun(stages, control) };
}
