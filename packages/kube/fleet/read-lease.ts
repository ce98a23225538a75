/** Who holds a Lease, as `kubectl get lease` shows it. */
import * as z from 'zod';
import { orUndefined } from '../api-failure.ts';
import type { ApiRequests } from '../api-requests.ts';

export interface LeaseHolder {
  readonly holder: string;
  readonly durationSeconds: number;
  /** By the clock of its holder; undefined when it has never been renewed. */
  readonly renewed: Date | undefined;
}

const schema = z.object({
  spec: z
    .object({
      holderIdentity: z.string().nullish(),
      leaseDurationSeconds: z.int().nullish(),
      renewTime: z.string().nullish(),
    })
    .prefault({}),
});

/** Undefined when nobody holds it. */
export async function readLease(
  api: ApiRequests,
  { namespace, name }: { readonly namespace: string; readonly name: string },
): Promise<LeaseHolder | undefined> {
  const path = `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases/${name}`;
  return await api.attempt(`read Lease "${namespace}/${name}"`, async (send) => {
    const { holderIdentity, leaseDurationSeconds, renewTime } = schema.parse(
      (await orUndefined(send({ method: 'GET', path }))) ?? {},
    ).spec;
    if (!holderIdentity) return undefined;
    return {
      holder: holderIdentity,
      durationSeconds: leaseDurationSeconds ?? 0,
      renewed: renewTime ? new Date(renewTime) : undefined,
    };
  });
}
