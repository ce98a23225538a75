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
  const what = `evict pod "${options.namespace}/${options.name}"`;
  return await api.attempt(what, async (send) => await evict(send, options));
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
    const answer = await orUndefined(send({ method: 'POST', path: `${podPath(options)}/eviction`, body }));
    return { kind: answer === undefined ? 'gone' : 'evicted' };
  } catch (error) {
    if (!(error instanceof ApiFailure)) throw error;
    if (hasTwoBudgets(error)) return { kind: 'blocked', budget: undefined, message: error.message };
    const cause = budgetCause(error);
    if (cause !== undefined) return { kind: 'blocked', budget: budgetOf(cause), message: cause.message };
    // Either another pod has the name, or somebody changed this one.
    if (error.status === 409 && (await readPod(send, options))?.uid !== uid) return { kind: 'gone' };
    throw error;
  }
}

/** The API server answers so with HTTP 500, which otherwise is a fault that passes. */
function hasTwoBudgets({ status, message }: ApiFailure): boolean {
  return status === 500 && message.includes('more than one PodDisruptionBudget');
}

/** Undefined for what has nothing to do with budgets, such as an API server with too much to do. */
function budgetCause({ status, causes }: ApiFailure): FailureCause | undefined {
  return status === 429 ? causes.find(({ reason }) => reason === 'DisruptionBudget') : undefined;
}

/** kubernetes/kubernetes pkg/registry/core/pod/storage/eviction.go: the name stands only in the message. */
function budgetOf({ message }: FailureCause): string | undefined {
  return /^The disruption budget (\S+) /.exec(message)?.[1];
}
