/** The approval gate: decides whether this node may install the offered release, and holds it otherwise. */
import type { Payload } from '@kata/artifacts';
import { KataError } from '@kata/core';
import { deleteUnknownDecision, type NodeFacts, type ReleaseFacts } from '@kata/installer';
import { lifecycleConfigMap } from '@kata/kata';
import {
  acceptedReleases,
  approvedRelease,
  decideAtGate,
  type GateDecision,
  type GateView,
  heldChanges,
} from '@kata/node';
import type { ClusterNode } from './cluster-node.ts';
import type { AgentContext } from './context.ts';
import { hasLegacyInstaller } from './legacy-installer.ts';
import { howToRollOut } from './report-offer.ts';
import { removeStaleLabels, reportRecreatedNode, readServing } from './stale-labels.ts';

/** What the cluster reports; the rest is read on the node, under its lock. */
export type GateAnswer = Pick<GateView, 'isManaged' | 'approved' | 'accepted'>;

type Hold = Extract<GateDecision, { kind: 'hold' }>;

const noCluster: GateAnswer = { isManaged: false, approved: undefined, accepted: [] };

/** @throws KataError when the API server does not answer: only an answer can hold a node. */
export async function queryGate(
  { config, report }: AgentContext,
  node: Pick<ClusterNode, 'cluster' | 'read'> | undefined,
): Promise<GateAnswer> {
  if (node === undefined) return noCluster;
  const { suffix } = config.settings;
  try {
    const list = await node.cluster.readConfigMap(config.namespace, lifecycleConfigMap(suffix));
    if (list === undefined) return noCluster;
    const approved = approvedRelease(await node.read(), suffix);
    return { isManaged: true, approved, accepted: acceptedReleases(list) };
  } catch (error) {
    if (!(error instanceof KataError) || error.code !== 'KATA_KUBE_FORBIDDEN') throw error;
    // Upstream's chart does not allow it and has no gate; a node with an approval has one.
    if (approvedRelease(await node.read(), suffix) !== undefined) throw error;
    report.note('continuing without approval gate: the ServiceAccount is not allowed to read its ConfigMap');
    return noCluster;
  }
}

/** Call it under the lock. A held node finishes an interrupted run, and reports that it is held. */
export async function passGate(
  context: AgentContext,
  node: ClusterNode | undefined,
  answer: GateAnswer,
  payload: Payload,
): Promise<GateDecision> {
  const facts = await context.installation.readReleaseFacts();
  const offered = await context.installation.offeredRelease(payload);
  const decision = decideAtGate({
    ...answer,
    payload: { version: payload.manifest.version, release: offered },
    releases: [...facts.releases.keys()],
    ...factsOfGate(facts),
  });
  node?.addDetails({ offered, ...(answer.approved === undefined ? {} : { approved: answer.approved }) });
  if (decision.kind === 'hold') await holdNode(context, node, decision, offered);
  return decision;
}

function factsOfGate({
  record,
  links,
  unfinished,
}: ReleaseFacts): Pick<GateView, 'current' | 'previous' | 'linked' | 'isInterrupted' | 'hold'> {
  return {
    current: record?.current ?? undefined,
    previous: record?.previous ?? undefined,
    linked: links.get('current')?.target?.replace(/^releases\//, ''),
    isInterrupted: unfinished !== undefined,
    hold: record?.hold?.release,
  };
}

async function holdNode(
  context: AgentContext,
  node: ClusterNode | undefined,
  hold: Hold,
  offered: string,
): Promise<void> {
  if (hold.finish !== undefined) {
    const { plan } = await context.installation.rollback(hold.finish, { holds: false });
    if (plan.actions.length > 0)
      context.report.note(`finished the interrupted switch to release ${hold.finish}`);
  }
  const facts = await context.installation.readFacts();
  const current = facts.record?.current ?? undefined;
  const note = `held: ${hold.because}${whatStays(hold, current, offered)}`;
  context.report.result(note);
  await deleteUnknownDecision(context.host, context.config.settings.prefix);
  if (node === undefined) return;
  if (current !== undefined) await reportRecreatedNode(context, node, current);
  if (await reportHeld(context, node, hold, facts)) await node.event('Held', note);
}

/** Empty for an administrator's hold, which names the release. */
function whatStays({ reason }: Hold, current: string | undefined, offered: string): string {
  if (reason === 'HeldByAdministrator') return '';
  const stays = current === undefined ? 'without Kata' : `on ${current}`;
  return `; the node stays ${stays}. ${howToRollOut(offered)}`;
}

/** Returns whether the node reported another status before. */
async function reportHeld(
  context: AgentContext,
  node: ClusterNode,
  { reason }: Hold,
  { record, sandboxes }: NodeFacts,
): Promise<boolean> {
  const { config } = context;
  const { suffix } = config.settings;
  const handlers = record?.handlers ?? [];
  const { usable } = await readServing(context);
  const served = handlers.filter(({ name }) => usable.includes(name));
  const hasPods = sandboxes.length > 0;
  const hasLegacy = served.length === 0 && !hasPods && (await hasLegacyInstaller(config, node));
  const status = await node.status(reason, record?.current ?? undefined);
  const held = { served, hasPods, isInstalled: record !== undefined, handlers, hasLegacy };
  const isNew = await node.writeStatus(status, (seen) => heldChanges(seen, suffix, status, held));
  await removeStaleLabels(context, node);
  return isNew;
}
