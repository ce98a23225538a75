/** The Events of a pod, as `kubectl describe pod` shows them. */
import * as z from 'zod';
import type { ApiRequests } from '../api-requests.ts';
import { listPages } from '../list-pages.ts';
import type { PodReference } from '../pod-object.ts';

export interface PodEventObject {
  readonly reason: string;
  readonly message: string;
  /** Of its last occurrence. */
  readonly time: Date;
  readonly count: number;
}

const time = z.string().nullish();
const schema = z.object({
  metadata: z.object({ creationTimestamp: time }),
  reason: z.string().default(''),
  message: z.string().default(''),
  lastTimestamp: time,
  eventTime: time,
  count: z.int().nullish(),
  series: z.object({ count: z.int().default(1), lastObservedTime: time }).nullish(),
});

/** In the order of their time. */
export async function listPodEvents(
  api: ApiRequests,
  { namespace, uid }: Pick<PodReference, 'namespace'> & { readonly uid: string },
): Promise<readonly PodEventObject[]> {
  return await api.attempt(`list the Events of a pod in namespace "${namespace}"`, async (send) => {
    const path = `/api/v1/namespaces/${namespace}/events`;
    const { items } = await listPages(send, { path, query: { fieldSelector: `involvedObject.uid=${uid}` } });
    return items.map(eventOf).toSorted((a, b) => +a.time - +b.time);
  });
}

function eventOf(item: unknown): PodEventObject {
  const { metadata, reason, message, lastTimestamp, eventTime, series, count } = schema.parse(item);
  const at = series?.lastObservedTime ?? lastTimestamp ?? eventTime ?? metadata.creationTimestamp;
  return { reason, message, time: new Date(at ?? 0), count: series?.count ?? count ?? 1 };
}
