/** What the nodes of a run are driven by: parts of its plan. */
import type { Policy, RunTerms } from '@kata/rollout';
import type { RunPlan } from './run-record.ts';

export interface DrivenRun {
  readonly id: string;
  readonly intent: RunTerms['intent'];
  readonly policy: Policy;
  readonly helm: RunPlan['helm'];
  /** By uid: a node that was replaced under its name is another node. */
  readonly nodes: readonly { readonly name: string; readonly uid: string }[];
}
