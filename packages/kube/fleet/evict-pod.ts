/** Asks a pod to leave its node, as a drain does: disruption budgets count. */
import { ApiFailure, type FailureCause, orUndefined } from '../api-failure.ts';
import type { ApiRequests, Send } from '../api-requests.ts';
import { podPath } from '../list-pods.ts';
import type { PodReference } from '../pod-object.ts';
import { readPod } from './pods.ts';

export interface EvictionOptions extends PodReference {
  /** Another pod of this name is left alone. */
  readonly uid: string;
  /** Left out: as the pod itself says. */
  readonly gracePeriodSeconds?: number;
  readonly signal?: AbortSignal | undefined;
}

export type EvictionOutcome =
  /** It is told to end, and goes on until its grace is over. */
  | { readonly kind: 'evicted' }
  /** It is no longer there. */
  | { readonly kind: 'gone' }
  /** Not now: the caller asks again later, or gives up. */
  | {
      readonly kind: 'blocked';
      /** Name of the PodDisruptionBudget, in the pod's namespace; undefined when more than one selects the pod. */
      readonly budget: string | undefined;
      /** As the API server puts it. */
      readonly message: string;
    };

/** @throws KataError `KATA_KUBE_<PROBLEM>`; an API server with too much to do is asked again, as by every request. */
export async function evictPod(api: ApiRequests, options: EvictionOptions): Promise<EvictionOutcome> {
  const { namespace, name, signal } = options;
  return await api
    .with({ signal })
    .attempt(`evict pod "${namespace}/${name}"`, async (send) => await evict(send, options));
}

async function evict(send: Send, options: EvictionOptions): Promise<EvictionOutcome> {
  const { namespace, name, uid, gracePeriodSeconds } = options;
  const body = {
    apiVersion: 'policy/v1',
    kind: 'Eviction',
    metadata: { namespace, name },
    deleteOptions: {
      preconditions: { uid },
      ...(gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds }),
    },
  };
  try {
    const eviction = send({ method: 'POST', path: `${podPath(options)}/eviction`, body });
    return { kind: (await orUndefined(eviction)) === undefined ? 'gone' : 'evicted' };
  } catch (error) {
    if (!(error instanceof ApiFailure)) throw error;
    const blocked = blockedBy(error);
    if (blocked !== undefined) return blocked;
    // Either another pod has the name, or somebody changed this one.
    if (error.status === 409 && (await readPod(send, options))?.uid !== uid) return { kind: 'gone' };
    throw error;
  }
}

/** Undefined for what has nothing to do with budgets. */
function blockedBy({ status, causes, message }: ApiFailure): EvictionOutcome | undefined {
  // kubernetes/kubernetes pkg/registry/core/pod/storage/eviction.go
  const cause = status === 429 ? causes.find(({ reason }) => reason === 'DisruptionBudget') : undefined;
  if (cause !== undefined) return { kind: 'blocked', budget: budgetOf(cause), message: cause.message };
  const isAmbiguous = status === 500 && message.includes('more than one PodDisruptionBudget');
  return isAmbiguous ? { kind: 'blocked', budget: undefined, message } : undefined;
}

function budgetOf({ message }: FailureCause): string | undefined {
  return /^The disruption budget (\S+) /.exec(message)?.[1];
}
