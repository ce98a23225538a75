/** Runs only the user's pod on the named nodes, without cordon, approval or record, and reports the verdicts. */
import { type FleetNode, listFleetNodes } from '@kata/kube/fleet';
import { readStatus } from '@kata/node';
import { defaultPolicy, type SeenVerification } from '@kata/rollout';
import type { FleetContext } from './context.ts';
import { checkVerification } from './check-verification.ts';
import { describePod } from './evidence.ts';
import { FleetWatch } from './fleet-watch.ts';
import { findNodes } from './named-nodes.ts';
import { verificationFor } from './named-verification.ts';
import { openVerifications } from './open-verifications.ts';
import { requireDaemonSet } from './plan-upgrade.ts';
import { runId } from './run-id.ts';
import type { RunPlan } from './run-record.ts';
import type { Verifications } from './verifications.ts';

export interface VerifyOrder {
  readonly nodes: readonly string[];
  /** Left out: that of the last run. */
  readonly verification: RunPlan['verification'] | undefined;
}

export interface NodeVerdict {
  readonly node: string;
  readonly release: string | null;
  readonly verdict: 'passed' | 'failed';
  /** Of a failure, such as `exit-1`. */
  readonly reason: string | null;
  readonly message: string;
  /** State, Events and log of a failed pod. */
  readonly evidence: string | null;
}

/** Between two looks without a change: Events are no objects of the watch. */
const pauseMs = 1000;

/** On all nodes at the same time. The pods are deleted at the end, also after a failure. */
export async function verifyNodes(
  context: FleetContext,
  order: VerifyOrder,
): Promise<readonly NodeVerdict[]> {
  const { matchLabels } = await requireDaemonSet(context);
  const nodes = findNodes(await listFleetNodes(context.api), order.nodes);
  const verification = await verificationFor(context, order.verification);
  const id = `verify-${runId(context.clock.now().toISOString())}`;
  await checkVerification(context, { id, verification, nodes, isBeforeHelm: false });
  const { namespace } = verification;
  await using watch = new FleetWatch(context, {
    podLabels: matchLabels,
    verification: { namespace, run: id },
  });
  await watch.listed();
  const verifications = openVerifications(context, { id, verification }, watch);
  try {
    return await Promise.all(
      nodes.map(async (node) => await verifyNode(context, node, { watch, verifications })),
    );
  } finally {
    for (const { name } of nodes) await verifications.delete(name, watch.verificationPods);
  }
}

interface Parts {
  readonly watch: FleetWatch;
  readonly verifications: Verifications;
}

/** Another pod follows one that was ended from outside. */
async function verifyNode(context: FleetContext, node: FleetNode, parts: Parts): Promise<NodeVerdict> {
  for (let number = 1; ; number += 1) {
    const seen = await awaitVerdict(context, node.name, { ...parts, number });
    const { verdict } = seen;
    const mayRetry = verdict.kind === 'failed' && verdict.mayRetry;
    if (!mayRetry || number > defaultPolicy.verificationRetries)
      return await resultOf(context, node, parts, seen);
    await parts.verifications.delete(node.name, parts.watch.verificationPods);
  }
}

async function awaitVerdict(
  { clock, emit }: FleetContext,
  node: string,
  { watch, verifications, number }: Parts & { readonly number: number },
): Promise<SeenVerification> {
  let told = '';
  let isCreated = false;
  for (;;) {
    await verifications.look(watch.verificationPods);
    const seen = verifications.of(node, watch.verificationPods);
    if (seen?.number === number) {
      const { verdict } = seen;
      if (verdict.kind !== 'pending') return seen;
      if (told !== verdict.message) emit(node)({ kind: 'node.waiting', what: verdict.message });
      told = verdict.message;
    } else if (!isCreated && (seen === undefined || seen.beingDeleted)) {
      await verifications.create(node, number);
      isCreated = true;
    }
    const end = new AbortController();
    await Promise.race([watch.changed(), clock.sleep(pauseMs, end.signal).catch(() => undefined)]).finally(
      () => end.abort(),
    );
  }
}

async function resultOf(
  context: FleetContext,
  node: FleetNode,
  { watch, verifications }: Parts,
  { verdict }: SeenVerification,
): Promise<NodeVerdict> {
  const release = readStatus(node, context.installation.suffix)?.current ?? null;
  const { message } = verdict;
  if (verdict.kind !== 'failed') {
    return { node: node.name, release, verdict: 'passed', reason: null, message, evidence: null };
  }
  const pod = verifications.podOf(node.name, watch.verificationPods);
  const evidence = pod === undefined ? null : await describePod(context, pod);
  return { node: node.name, release, verdict: 'failed', reason: verdict.word, message, evidence };
}

export function formatVerdicts(verdicts: readonly NodeVerdict[]): string {
  return verdicts
    .flatMap(({ node, release, verdict, reason, message, evidence }) => [
      `${node} ${verdict}${reason === null ? '' : ` (${reason})`} on ${release ?? 'no release'}: ${message}`,
      ...(evidence === null ? [] : [evidence]),
    ])
    .join('\n');
}
