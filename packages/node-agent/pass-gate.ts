/** Asks whether this node may have what the payload brings, and keeps a node that is held as it is. */
import type { Payload } from '@kata/artifacts';
import { KataError } from '@kata/core';
import { deleteUnknownDecision, type NodeFacts, type ReleaseFacts, setHold } from '@kata/installer';
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
import { seesLegacyInstaller } from './legacy-installer.ts';
import { makeLabelsTrue, nameReturn, readServing } from './node-truth.ts';

/** What the cluster says; all else that counts is on the node and is read under its lock. */
export type GateAnswer = Pick<GateView, 'isManaged' | 'approved' | 'accepted'>;

type Hold = Extract<GateDecision, { kind: 'hold' }>;

const noCluster: GateAnswer = { isManaged: false, approved: undefined, accepted: [] };

/** @throws KataError when nobody answers: only an answer can hold a node. */
export async function askGate(
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
    // A chart that knows no gate gives no right to ask for it; a node that somebody approved is behind one.
    if (approvedRelease(await node.read(), suffix) !== undefined) throw error;
    report.note('there is no approval gate: the service account may not ask for one');
    return noCluster;
  }
}

/** Under the lock. A node that is held is made whole where a run was interrupted, and says that it is held. */
export async function passGate(
  context: AgentContext,
  node: ClusterNode | undefined,
  answer: GateAnswer,
  payload: Payload,
): Promise<GateDecision> {
  const { settings } = context.config;
  const facts = await context.installation.readReleaseFacts();
  const offered = await context.installation.offeredRelease(payload);
  const decision = decideAtGate({
    ...answer,
    payload: { version: payload.manifest.version, release: offered },
    releases: [...facts.releases.keys()],
    ...factsOfGate(facts),
  });
  node?.remember({ offered, ...(answer.approved === undefined ? {} : { approved: answer.approved }) });
  if (decision.kind === 'hold') await keepAsItIs(context, node, decision);
  // An approval that is acted on ends what an administrator began before there was management.
  else if (answer.isManaged) await setHold(context.host, settings.prefix, undefined);
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

async function keepAsItIs(context: AgentContext, node: ClusterNode | undefined, hold: Hold): Promise<void> {
  if (hold.finish !== undefined) {
    const { plan } = await context.installation.rollback(hold.finish, { holds: false });
    if (plan.actions.length > 0) context.report.note(`made release ${hold.finish} whole`);
  }
  const facts = await context.installation.readFacts();
  const current = facts.record?.current ?? undefined;
  const has = current === undefined ? 'stays without Kata' : `stays on ${current}`;
  const note = `held: ${hold.because}; the node ${has}`;
  context.report.result(note);
  await deleteUnknownDecision(context.host, context.config.settings.prefix);
  if (node === undefined) return;
  if (current !== undefined) await nameReturn(context, node, current);
  if (await saysThatItIsHeld(context, node, hold, facts)) await node.event('Held', note);
}

/** Returns whether that is news. */
async function saysThatItIsHeld(
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
  const hasLegacy = served.length === 0 && !hasPods && (await seesLegacyInstaller(config, node));
  const status = await node.status(reason, record?.current ?? undefined);
  const held = { served, hasPods, isInstalled: record !== undefined, handlers, hasLegacy };
  const isNews = await node.say(status, (seen) => heldChanges(seen, suffix, status, held));
  await makeLabelsTrue(context, node);
  return isNews;
}
