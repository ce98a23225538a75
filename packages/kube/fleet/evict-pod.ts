/** Evicts a pod, as `kubectl drain` does, respecting PodDisruptionBudgets. */
import { ApiFailure, type FailureCause, isConflict, orUndefined } from '../api-failure.ts';
import type { ApiRequests, Send } from '../api-requests.ts';
import { podPath } from '../list-pods.ts';
import type { PodReference } from '../pod-object.ts';
import { readPod } from './pods.ts';

export interface EvictionOptions extends PodReference {
  /** Another pod of this name is not evicted. */
  readonly uid: string;
  /** Default: that of the pod. */
  readonly gracePeriodSeconds?: number;
}

export type EvictionOutcome =
  /** It is terminating. */
  | { readonly kind: 'evicted' }
  /** It does not exist any more. */
  | { readonly kind: 'gone' }
  /** Not now: the caller may try again later. */
  | {
      readonly kind: 'blocked';
      /** Name of the PodDisruptionBudget, in the pod's namespace; undefined when more than one selects the pod. */
      readonly budget: string | undefined;
      /** Message of the API server. */
      readonly message: string;
    };

/** @throws KataError `KATA_KUBE_<PROBLEM>` */
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
    const blocked = blockedBy(error);
    if (blocked === undefined && !isConflict(error)) throw error;
    // Another pod has the name, or this one was changed; budgets are checked before the uid.
    if ((await readPod(send, options))?.uid !== uid) return { kind: 'gone' };
    if (blocked === undefined) throw error;
    return blocked;
  }
}

/** Undefined for other failures. */
function blockedBy(error: ApiFailure): EvictionOutcome | undefined {
  const { status, message } = error;
  // Otherwise HTTP 500 is a temporary failure.
  if (status === 500 && message.includes('more than one PodDisruptionBudget')) {
    return { kind: 'blocked', budget: undefined, message };
  }
  const cause = budgetCause(error);
  return cause && { kind: 'blocked', budget: budgetOf(cause), message: cause.message };
}

/** Undefined for other reasons, such as an overloaded API server. */
function budgetCause({ status, causes }: ApiFailure): FailureCause | undefined {
  return status === 429 ? causes.find(({ reason }) => reason === 'DisruptionBudget') : undefined;
}

/** kubernetes/kubernetes pkg/registry/core/pod/storage/eviction.go: the name is only in the message. */
function budgetOf({ message }: FailureCause): string | undefined {
  return /^The disruption budget (\S+) /.exec(message)?.[1];
}
