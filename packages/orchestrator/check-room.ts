/** Before the first cordon: whether the user's pod fits on each node, next to the pods that stay there. */
import { exitCodes, KataError } from '@kata/core';
import { lifecycleRunLabel } from '@kata/kata';
import {
  type Amounts,
  type BoundPod,
  type FleetNode,
  formatQuantity,
  listBoundPods,
  type PodNeeds,
  sumOf,
} from '@kata/kube/fleet';
import { wavesOf } from '@kata/rollout';
import type { FleetContext } from './context.ts';
import { isEvictable } from './drain.ts';

export interface RoomCheck {
  readonly nodes: readonly FleetNode[];
  /** Of the verification pod, by node. */
  readonly needs: ReadonlyMap<string, PodNeeds>;
  /** The run evicts the pods of each node first, so their room counts as free. */
  readonly isDrained: boolean;
}

interface Shortage {
  readonly resource: string;
  readonly wanted: bigint;
  readonly free: bigint;
}

/** Requests at a time. */
const parallel = 8;
/** In the message; the details have all. */
const mostNamed = 3;
const one = 10n ** 9n;

/** @throws KataError `KATA_LIFECYCLE_NO_ROOM`, which names nodes and resources. */
export async function checkRoom(
  { api, workflow }: FleetContext,
  { nodes, needs, isDrained }: RoomCheck,
): Promise<void> {
  const found: { readonly node: string; readonly shortages: readonly Shortage[] }[] = [];
  const wanting = nodes.flatMap((node) => {
    const need = needs.get(node.name);
    return need === undefined ? [] : [{ node, need }];
  });
  for (const some of wavesOf(wanting, parallel)) {
    const checked = some.map(async ({ node, need }) => {
      const staying = (await listBoundPods(api, node.name)).filter((pod) =>
        stays(pod, need, { isDrained, workflow }),
      );
      return { node: node.name, shortages: shortagesOf(node.allocatable, staying, need) };
    });
    found.push(...(await Promise.all(checked)));
  }
  const short = found.filter(({ shortages }) => shortages.length > 0);
  if (short.length > 0) throw noRoom(short, isDrained);
}

/** Whether it still takes room when the verification pod comes, which waits for pods that are terminating. */
function stays(
  pod: BoundPod,
  { priority, preempts }: PodNeeds,
  { isDrained, workflow }: Pick<RoomCheck, 'isDrained'> & { readonly workflow: string | undefined },
): boolean {
  if (pod.beingDeleted || pod.phase === 'Succeeded' || pod.phase === 'Failed') return false;
  if (pod.labels[lifecycleRunLabel] !== undefined) return false;
  if (preempts && pod.needs.priority < priority) return false;
  return !(isDrained && isEvictable(pod, workflow));
}

/** None on a node whose kubelet has not reported what it has. */
function shortagesOf(
  allocatable: Amounts,
  staying: readonly Pick<BoundPod, 'needs'>[],
  { requests }: Pick<PodNeeds, 'requests'>,
): readonly Shortage[] {
  if (Object.keys(allocatable).length === 0) return [];
  const taken = sumOf(...staying.map(({ needs }) => ({ ...needs.requests, pods: one })));
  return Object.entries({ ...requests, pods: one }).flatMap(([resource, wanted]) => {
    const free = (allocatable[resource] ?? 0n) - (taken[resource] ?? 0n);
    return wanted > 0n && wanted > free ? [{ resource, wanted, free: free < 0n ? 0n : free }] : [];
  });
}

function noRoom(
  short: readonly { readonly node: string; readonly shortages: readonly Shortage[] }[],
  isDrained: boolean,
): KataError {
  const texts = short.map(({ node, shortages }) => [node, shortages.map(describe).join(', ')] as const);
  const named = texts.slice(0, mostNamed).map(([node, text]) => `node "${node}": ${text}`);
  const others = texts.length - named.length;
  const all = [...named, ...(others === 0 ? [] : [`and ${others} more nodes`])].join('; ');
  const drain = isDrained ? '' : ', or let the run evict the pods of each node (--drain, drain-enabled)';
  return new KataError('KATA_LIFECYCLE_NO_ROOM', `the verification pod does not fit: ${all}`, {
    exitCode: exitCodes.precondition,
    hint: `no node was changed; make room (kubectl describe node ${texts[0]?.[0]}), lower the requests of the pod, to which the overhead of its RuntimeClass is added${drain}`,
    details: { nodes: Object.fromEntries(texts) },
  });
}

function describe({ resource, wanted, free }: Shortage): string {
  return `${resource}: ${formatQuantity(resource, wanted, 'up')} wanted, ${formatQuantity(resource, free, 'down')} free`;
}
