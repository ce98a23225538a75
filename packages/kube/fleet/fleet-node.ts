/** A node as an orchestrator needs it: whether it is cordoned, ready, and being deleted. */
import * as z from 'zod';
import type { ApiRequests } from '../api-requests.ts';
import { listPages } from '../list-pages.ts';
import { type NodeObject, list, nodeOf } from '../objects.ts';
import { type Amounts, amountsSchema } from './amounts.ts';

export interface FleetNode extends NodeObject {
  readonly isCordoned: boolean;
  readonly isReady: boolean;
  readonly beingDeleted: boolean;
  /** For pods, by resource, in billionths; empty until kubelet has reported. */
  readonly allocatable: Amounts;
}

const schema = z.object({
  metadata: z.object({ deletionTimestamp: z.string().nullish() }),
  spec: z.object({ unschedulable: z.boolean().default(false) }).prefault({}),
  status: z
    .object({
      conditions: list(z.object({ type: z.string(), status: z.string() })),
      allocatable: amountsSchema,
    })
    .prefault({}),
});

export function fleetNodeOf(answer: unknown): FleetNode {
  const { metadata, spec, status } = schema.parse(answer);
  return {
    ...nodeOf(answer),
    isCordoned: spec.unschedulable,
    isReady: status.conditions.some((one) => one.type === 'Ready' && one.status === 'True'),
    beingDeleted: typeof metadata.deletionTimestamp === 'string',
    allocatable: status.allocatable ?? {},
  };
}

export async function listFleetNodes(api: ApiRequests): Promise<readonly FleetNode[]> {
  return await api.attempt('list the nodes', async (send) =>
    (await listPages(send, { path: '/api/v1/nodes' })).items.map(fleetNodeOf),
  );
}
