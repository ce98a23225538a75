/** Before the first node is cordoned: every node's installer pod is replaced, which pulls the image, and offers its release. */
import { exitCodes, KataError } from '@kata/core';
import { deletePod } from '@kata/kube/fleet';
import { liftable, offerOf, tolerates } from '@kata/rollout';
import type { FleetContext } from './context.ts';
import type { FleetWatch } from './fleet-watch.ts';
import type { KeptLease } from './keep-lease.ts';
import { plainViewOf } from './node-views.ts';

export interface Preparation {
  readonly nodes: readonly { readonly uid: string }[];
  readonly timeoutMs: number;
  readonly watch: FleetWatch;
  readonly lease: Pick<KeptLease, 'check'>;
}

/** @throws KataError `KATA_LIFECYCLE_NOT_PREPARED`, which names the nodes without an offer. */
export async function prepare(context: FleetContext, preparation: Preparation): Promise<void> {
  const { watch, lease, timeoutMs } = preparation;
  const { api, clock } = context;
  const endsAt = clock.monotonicMs() + timeoutMs;
  await watch.listed();
  for (;;) {
    const waiting = unprepared(context, preparation);
    if (waiting.length === 0) return;
    if (clock.monotonicMs() >= endsAt) throw notPrepared(waiting, timeoutMs);
    for (const { pod } of waiting) {
      if (pod === undefined || pod.isCurrent || pod.beingDeleted) continue;
      const found = watch.installerPods.find(({ uid }) => uid === pod.uid);
      if (found === undefined || watch.daemonSet?.isObserved !== true) continue;
      await lease.check();
      await deletePod(api, found);
    }
    await pause(context, watch);
  }
}

interface Unprepared {
  readonly name: string;
  readonly pod: ReturnType<typeof plainViewOf>['installerPod'];
}

/** A taint that keeps the installer away is removed later, when the node is cordoned. */
function unprepared(context: FleetContext, { nodes, watch }: Preparation): readonly Unprepared[] {
  const tolerations = watch.daemonSet?.tolerations ?? [];
  return nodes.flatMap(({ uid }) => {
    const node = watch.nodes.find((one) => one.uid === uid);
    if (node === undefined) return [];
    if (liftable(node.taints, (taint) => tolerates(tolerations, taint)).length > 0) return [];
    const view = plainViewOf(node, watch, context.installation.suffix);
    return offerOf(view) === null ? [{ name: node.name, pod: view.installerPod }] : [];
  });
}

async function pause({ clock }: FleetContext, watch: FleetWatch): Promise<void> {
  const end = new AbortController();
  await Promise.race([watch.changed(), clock.sleep(1000, end.signal).catch(() => undefined)]).finally(() =>
    end.abort(),
  );
}

function notPrepared(waiting: readonly Unprepared[], timeoutMs: number): KataError {
  const names = waiting.map(({ name }) => name).join(', ');
  return new KataError(
    'KATA_LIFECYCLE_NOT_PREPARED',
    `timed out after ${timeoutMs / 1000} s waiting for the installer to offer a release on: ${names}`,
    {
      exitCode: exitCodes.timeout,
      hint: `no node was changed; see the pod of the installer there: kubectl get pods --all-namespaces --field-selector spec.nodeName=${waiting[0]?.name}`,
    },
  );
}
