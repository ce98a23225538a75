/** Asks whether this node may have what the payload brings, where a release is under lifecycle management. */
import type { Payload } from '@kata/artifacts';
import { KataError } from '@kata/core';
import type { GateDecision } from '@kata/installer';
import type { ClusterNode } from './cluster-node.ts';
import { print, say, type Session } from './session.ts';

/** Reports a node that is held. @throws KataError when nobody answers: only an answer can hold a node. */
export async function passGate(session: Session, node: ClusterNode, payload: Payload): Promise<GateDecision> {
  if (!(await isManaged(session, node))) return { kind: 'install' };
  const { approvedRelease, decideAtGate, payloadRelease } = await import('@kata/installer');
  const { settings } = session.config;
  const facts = await session.installation.readFacts();
  const current = facts.record?.current ?? undefined;
  const decision = decideAtGate({
    isManaged: true,
    approved: approvedRelease(await node.read(), settings.suffix),
    payload: {
      version: payload.manifest.version,
      release: payloadRelease(payload, settings),
    },
    releases: [...facts.releases.keys()],
    current,
    previous: facts.record?.previous ?? undefined,
  });
  if (decision.kind !== 'hold') return decision;
  const isNew = await node.saysStatus(decision.reason, current);
  const has = current === undefined ? 'stays without Kata' : `stays on ${current}`;
  const note = `held: ${decision.because}; the node ${has}`;
  if (isNew) await node.event('Held', note);
  print(note);
  return decision;
}

async function isManaged({ config }: Session, node: ClusterNode): Promise<boolean> {
  const { lifecycleConfigMap } = await import('@kata/kata');
  const { approvedRelease } = await import('@kata/installer');
  try {
    return (await node.cluster.readConfigMap(config.namespace, lifecycleConfigMap)) !== undefined;
  } catch (error) {
    if (!(error instanceof KataError) || error.code !== 'KATA_KUBE_FORBIDDEN') throw error;
    // A chart that knows no gate gives no right to ask for it; a node that somebody approved is behind one.
    if (approvedRelease(await node.read(), config.settings.suffix) !== undefined) throw error;
    say('there is no approval gate: the service account may not ask for one');
    return false;
  }
}
