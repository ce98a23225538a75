/** Recovers a release that a killed Helm left pending: Helm itself refuses every further upgrade of it. */
import { exitCodes, KataError } from '@kata/core';
import { awaitOtherHelm, defaultPatienceMs } from './await-other-helm.ts';
import { givenPaths } from './given-paths.ts';
import type { HelmContext } from './helm-context.ts';
import { isPending, revisionToRecover } from './interrupted-revision.ts';
import { readHistory, readRelease, readRevision } from './read-release.ts';
import { describeRelease, type Release } from './release.ts';
import { runRollback } from './run-rollback.ts';
import { refuseLosingValues } from './unkept-values.ts';

export interface RecoverOptions {
  /** For the upgrade that follows: what it sets anew is not lost. */
  readonly setValues?: string;
  /** How long a release must have been pending. Shorter only when it is known that no Helm is alive. */
  readonly patienceMs?: number;
  /** Values that only the interrupted revision has do not matter: what follows replaces all values. */
  readonly dropsValues?: boolean;
}

/** Returns the release; nothing is changed when it is not pending. Call it with the Lease of the run. */
export async function recoverRelease(
  context: HelmContext,
  { setValues = '', patienceMs = defaultPatienceMs, dropsValues = false }: RecoverOptions = {},
): Promise<Release> {
  const given = givenPaths(setValues);
  const pending = await awaitOtherHelm(context, async () => await readRelease(context), patienceMs);
  if (!isPending(pending.status)) return pending;
  const to = revisionToRecover(await readHistory(context));
  const target = to === undefined ? undefined : await readRevision(context, to);
  if (target === undefined) throw neverDeployed(pending);
  // An interrupted rollback is finished: that is what its user wanted.
  if (!dropsValues && pending.status !== 'pending-rollback') refuseLosingValues(pending, target, given);
  const recovered = await runRollback(context, target);
  context.emit({
    kind: 'helm.recovered',
    release: `${pending.namespace}/${pending.name}`,
    revision: recovered.revision,
    interrupted: { revision: pending.revision, status: pending.status },
    to: target.revision,
  });
  return recovered;
}

function neverDeployed(pending: Release): KataError {
  const { name, namespace, revision, status } = pending;
  const message = `${describeRelease(pending)} was never deployed: revision ${revision} is ${status}, and there is none to return to`;
  return new KataError('KATA_HELM_NEVER_DEPLOYED', message, {
    exitCode: exitCodes.precondition,
    hint: `its installation was interrupted: \`helm uninstall ${name} --namespace ${namespace}\`, then install it again`,
  });
}
