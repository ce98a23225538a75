/** Before the first node is cordoned: every node's installer pod is replaced, which pulls the image, and offers its release. */
import { exitCodes, KataError } from '@kata/core';
import { deletePod } from '@kata/kube/fleet';
import { liftable, offerOf, tolerates } from '@kata/rollout';
import type { FleetContext } from './context.ts';
import type { FleetWatch } from './fleet-watch.ts';
import type { KeptLease } from './keep-lease.ts';
import { plainViewOf } from './node-views.ts';
import { type StuckImage, StuckImages } from './stuck-images.ts';

export interface Preparation {
  readonly nodes: readonly { readonly uid: string }[];
  readonly timeoutMs: number;
  /** For an image that kubelet cannot pull; no node is changed yet, so that a new run costs nothing. */
  readonly imageMs?: number;
  readonly watch: FleetWatch;
  readonly lease: Pick<KeptLease, 'check'>;
}

const defaultImageMs = 120_000;

/** @throws KataError `KATA_LIFECYCLE_NOT_PREPARED`, which names the nodes without an offer. */
export async function prepare(context: FleetContext, preparation: Preparation): Promise<void> {
  const { watch, lease, timeoutMs, imageMs = defaultImageMs } = preparation;
  const { api, clock } = context;
  const endsAt = clock.monotonicMs() + timeoutMs;
  const stuck = new StuckImages(context);
  await watch.listed();
  for (;;) {
    const waiting = unprepared(context, preparation);
    if (waiting.length === 0) return;
    const longest = stuck.longest(waiting, watch);
    if (longest !== undefined && longest.ms >= imageMs) throw withoutImage(longest, imageMs);
    if (clock.monotonicMs() >= endsAt) throw notPrepared(waiting, timeoutMs);
    for (const { name, pod } of waiting) {
      if (pod === undefined || pod.isCurrent || pod.beingDeleted) continue;
      const found = watch.installerPodsOn(name).find(({ uid }) => uid === pod.uid);
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
    const node = watch.nodeOf(uid);
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

function withoutImage({ node, problem }: StuckImage, imageMs: number): KataError {
  return new KataError(
    'KATA_LIFECYCLE_NOT_PREPARED',
    `timed out after ${imageMs / 1000} s waiting for the image of the installer on ${node}: ${problem}`,
    {
      exitCode: exitCodes.timeout,
      hint: 'no node was changed; check the registry, the version, and the value image of the Helm release, then run the same command again',
    },
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
