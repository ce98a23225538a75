/** The verification pods of a recorded run, made from the user's pod for each node. */
import { exitCodes, KataError } from '@kata/core';
import { parseVerificationPod } from '@kata/rollout';
import type { FleetContext } from './context.ts';
import type { FleetWatch } from './fleet-watch.ts';
import type { RunPlan } from './run-record.ts';
import { verificationManifest } from './verification-manifest.ts';
import { Verifications } from './verifications.ts';

export function openVerifications(
  context: FleetContext,
  { id, verification }: Pick<RunPlan, 'id' | 'verification'>,
  watch: Pick<FleetWatch, 'nodes'>,
): Verifications {
  const template = parseVerificationPod(verification.pod);
  const { namespace, timeoutMs } = verification;
  return new Verifications(context, {
    timeoutMs,
    manifestOf: (name, number) => {
      const node = watch.nodes.find((one) => one.name === name);
      if (node === undefined) {
        throw new KataError('KATA_LIFECYCLE_NODE_GONE', `node "${name}" was deleted`, {
          exitCode: exitCodes.conflict,
          hint: 'run the same command again: it leaves the node alone',
        });
      }
      return verificationManifest(template, { run: id, node, namespace, number });
    },
  });
}
