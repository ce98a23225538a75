/** What a pod takes of its node, as the scheduler counts it. */
import * as z from 'zod';
import type { ApiRequests } from '../api-requests.ts';
import { listPages } from '../list-pages.ts';
import { describePods, podsRequest } from '../list-pods.ts';
import { list } from '../objects.ts';
import { type PodObject, podOf } from '../pod-object.ts';
import { type Amounts, amountsSchema, largestOf, sumOf } from './amounts.ts';

export interface PodNeeds {
  /** With the overhead of its RuntimeClass. */
  readonly requests: Amounts;
  readonly priority: number;
  /** The scheduler removes pods of lower priority for it. */
  readonly preempts: boolean;
}

export interface BoundPod extends PodObject {
  readonly needs: PodNeeds;
}

const resources = z.object({ requests: amountsSchema, limits: amountsSchema }).nullish();
const container = z.object({ resources, restartPolicy: z.string().nullish() });

const schema = z.object({
  spec: z
    .object({
      containers: list(container),
      initContainers: list(container),
      resources,
      overhead: amountsSchema,
      priority: z.int().nullish(),
      preemptionPolicy: z.string().nullish(),
    })
    .prefault({}),
});

/** Complete only for a pod as the API server returns it, also from a dry run: admission sets defaults, overhead and priority. */
export function podNeedsOf(pod: unknown): PodNeeds {
  const { spec } = schema.parse(pod);
  const ofContainers = effectiveRequests(spec.containers, spec.initContainers);
  return {
    // Requests of the whole pod replace those of its containers.
    requests: sumOf({ ...ofContainers, ...requestsOf(spec.resources) }, spec.overhead ?? {}),
    priority: spec.priority ?? 0,
    preempts: spec.preemptionPolicy !== 'Never',
  };
}

/** All of the node, ended ones included. */
export async function listBoundPods(api: ApiRequests, nodeName: string): Promise<readonly BoundPod[]> {
  return await api.attempt(`list ${describePods({ nodeName })}`, async (send) => {
    const { items } = await listPages(send, podsRequest({ nodeName }));
    return items.map((item) => ({ ...podOf(item), needs: podNeedsOf(item) }));
  });
}

type Container = z.infer<typeof container>;

/** Init containers run one after the other, next to the sidecars that were started before them. */
function effectiveRequests(containers: readonly Container[], inits: readonly Container[]): Amounts {
  let sidecars: Amounts = {};
  let most: Amounts = {};
  for (const init of inits) {
    const own = requestsOf(init.resources);
    if (init.restartPolicy === 'Always') sidecars = sumOf(sidecars, own);
    else most = largestOf(most, sumOf(sidecars, own));
  }
  return largestOf(most, sumOf(sidecars, ...containers.map((one) => requestsOf(one.resources))));
}

/** Without a request, the limit is the request. */
function requestsOf(given: z.infer<typeof resources>): Amounts {
  return { ...given?.limits, ...given?.requests };
}
