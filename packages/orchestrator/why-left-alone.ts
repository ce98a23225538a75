/** Why a run changes nothing on a node that matches its selection. */
import { isVerified, type NodeView } from '@kata/rollout';

/** `suffix`: of the installation of the run. */
export function whyLeftAlone(view: NodeView, suffix: string): string | undefined {
  const { claim } = view;
  if (claim === undefined) return undefined;
  if (claim.installation !== suffix) return `run ${claim.run} of another installation has not left it`;
  return isVerified(view) ? `has release ${claim.target}, which run ${claim.run} verified` : undefined;
}
