/** Says on the node that its installer has another release than the approved one, which stays active. */
import type { Payload } from '@kata/artifacts';
import { versionOf } from '@kata/node';
import type { ClusterNode } from './cluster-node.ts';
import type { AgentContext } from './context.ts';

/** One Event for each offer: further pods of the installer with the same one add nothing. */
export async function reportOffer(
  context: AgentContext,
  node: ClusterNode,
  current: string,
  payload: Payload,
): Promise<void> {
  const offered = await context.installation.offeredRelease(payload);
  if (offered === current || (await node.statusBefore())?.offered === offered) return;
  const note = `release ${offered} is offered and waits for approval; the node stays on ${current}. ${howToRollOut(offered)}`;
  context.report.note(note);
  await node.event('OfferWaits', note);
}

/** A sentence with the command. */
export function howToRollOut(offered: string): string {
  return `To roll it out: kata-lifecycle upgrade --to ${versionOf(offered)}`;
}
