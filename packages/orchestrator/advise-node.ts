/** Why a node is as it is, and the next command to type, if there is anything to do. */
import { versionOf, type NodeStatus } from '@kata/node';
import type { FleetNode } from '@kata/kube/fleet';
import { type Claim, hasEnded, phases, returnsTo } from '@kata/rollout';
import { lifecycleCommand, resumeCommand, upgradeCommand } from './command-text.ts';
import type { Installation } from './context.ts';
import { describeFailures } from './describe-failures.ts';
import type { RunRecord } from './run-record.ts';
import type { RunSituation } from './run-situation.ts';

export interface NodeCase {
  readonly node: Pick<FleetNode, 'name' | 'isReady' | 'isCordoned'>;
  readonly installation: Installation;
  readonly status: NodeStatus | undefined;
  readonly approved: string | undefined;
  /** Of this installation. */
  readonly claim: Claim | undefined;
  readonly isCordonedByRun: boolean;
  /** Of the run that wrote the claim. */
  readonly record: RunRecord | undefined;
  readonly situation: RunSituation;
}

export interface Advice {
  /** One sentence without a final dot; null: all is as it should be. */
  readonly why: string | null;
  readonly next: string | null;
}

const nothing: Advice = { why: null, next: null };

export function adviseNode(seen: NodeCase): Advice {
  const { claim, node } = seen;
  if (claim !== undefined && !hasEnded(claim.phase)) return duringRun(seen, claim);
  if (claim?.phase === 'failed' && seen.isCordonedByRun) return afterFailure(seen, claim);
  const { isProblem, ...byInstaller } = adviseByStatus(seen);
  if (isProblem) return byInstaller;
  if (!node.isReady) return { why: 'the node is NotReady', next: `kubectl describe node ${node.name}` };
  if (claim?.phase === 'completed' && isAheadOfHelm(claim, seen)) return afterReturn(seen, claim);
  const hasFailed = claim !== undefined && (claim.failure ?? claim.failureBefore) !== null;
  // Another offer than that of the failed run.
  const isNewOffer = byInstaller.why !== null && seen.status?.offered !== claim?.target;
  if (hasFailed && !isNewOffer) return afterRollback(seen, claim);
  if (byInstaller.why !== null) return byInstaller;
  return node.isCordoned
    ? { why: 'an administrator cordoned it; runs leave it cordoned', next: null }
    : nothing;
}

function duringRun({ record, situation, installation, node }: NodeCase, claim: Claim): Advice {
  const { run, phase } = claim;
  const { word } = phases[phase];
  if (situation === 'running') {
    return {
      why: `run ${run} is in progress here: ${word}`,
      next: lifecycleCommand(installation, 'status', '--watch'),
    };
  }
  const failed = claim.failure === null ? '' : `, after a failure: ${claim.failure.message}`;
  const left = `in the phase ${word}${failed}`;
  if (situation === 'interrupted' && record !== undefined) {
    return {
      why: `run ${run} was interrupted and has left the node ${left}`,
      next: resumeCommand(installation, record.plan),
    };
  }
  const why = `run ${run} has ended or was deleted and has left the node ${left}`;
  return { why, next: lifecycleCommand(installation, 'rollback', node.name) };
}

/**
 * The node keeps what the run verified, and the Helm release has returned to what the node had before, because the run did
 * not succeed. After a good one, whoever called Helm since then offers it.
 */
function isAheadOfHelm({ target, before }: Claim, { status, record }: NodeCase): boolean {
  if (record === undefined || record.state.outcome === 'succeeded') return false;
  if (status?.phase !== 'installed' && status?.phase !== 'held') return false;
  const { current, offered } = status;
  return current !== undefined && current === target && offered === before.release && offered !== current;
}

function afterReturn({ installation, record, node }: NodeCase, claim: Claim): Advice {
  const why = `it stays on ${claim.target}, which run ${claim.run} verified; the Helm release is back on ${claim.before.release}`;
  const version = record?.plan.helm?.version;
  if (version === undefined) return { why, next: lifecycleCommand(installation, 'rollback', node.name) };
  return { why, next: upgradeCommand(installation, version) };
}

/** It stays cordoned until it is rolled back, upgraded, or uncordoned by an administrator. */
function afterFailure({ node, installation, record, status }: NodeCase, claim: Claim): Advice {
  const why = claim.failure?.message ?? `run ${claim.run} failed here`;
  const { kind } = returnsTo({ claim, status }, installation.suffix);
  if (kind === 'to') return { why, next: lifecycleCommand(installation, 'rollback', node.name) };
  return { why, next: againCommand(installation, claim, record) };
}

function afterRollback({ installation, record }: NodeCase, claim: Claim): Advice {
  const why = describeFailures(claim);
  return { why, next: againCommand(installation, claim, record) };
}

function againCommand(installation: Installation, { target }: Claim, record: RunRecord | undefined): string {
  const version = record?.plan.helm?.version ?? (target === null ? 'VERSION' : versionOf(target));
  return upgradeCommand(installation, version);
}

/** `isProblem`: it explains more than how the last run ended. */
function adviseByStatus({ node, status, installation, approved }: NodeCase): Advice & {
  readonly isProblem: boolean;
} {
  const { namespace } = installation;
  const pods = `kubectl --namespace ${namespace} get pods --field-selector spec.nodeName=${node.name}`;
  if (status === undefined) {
    const why = 'the installer has not reported a status';
    return { why, next: pods, isProblem: true };
  }
  const { phase, reason, code, message, current, offered } = status;
  if (phase !== 'installed' && phase !== 'held') {
    const why = [`the installer reports ${code ?? reason}`, message].filter((part) => part !== undefined);
    return { why: why.join(': '), next: pods, isProblem: true };
  }
  if (offered === undefined || offered === current) return { ...nothing, isProblem: false };
  if (reason === 'HeldByAdministrator') {
    const why = `an administrator holds it on ${current}; release ${offered} is offered`;
    return { why, next: `kata-deploy resume   # on ${node.name}`, isProblem: false };
  }
  const has = current === undefined ? 'it has no release' : `it stays on ${current}`;
  const because =
    reason === 'ApprovedReleaseMissing' ? `; the approved release ${approved} is not there` : '';
  const why = `release ${offered} is offered and not approved; ${has}${because}`;
  return { why, next: upgradeCommand(installation, versionOf(offered)), isProblem: false };
}
