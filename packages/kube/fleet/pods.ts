/** Awaits and deletes pods, and reads their logs. */
import { exitCodes, KataError } from '@kata/core';
import * as z from 'zod';
import { ApiFailure, isConflict, orUndefined } from '../api-failure.ts';
import type { ApiRequests, Send } from '../api-requests.ts';
import { podPath } from '../list-pods.ts';
import { type PodObject, podOf, type PodReference } from '../pod-object.ts';
import { watchPods } from './watch-pods.ts';

/** For `attempt`. Undefined when there is none of this name. */
export async function readPod(send: Send, pod: PodReference): Promise<PodObject | undefined> {
  const answer = await orUndefined(send({ method: 'GET', path: podPath(pod) }));
  return answer === undefined ? undefined : podOf(answer);
}

export interface DeletePodOptions extends PodReference {
  /** Another pod of this name is not deleted. */
  readonly uid: string;
  /** Default: that of the pod. */
  readonly gracePeriodSeconds?: number;
}

/** Returns whether it existed. It terminates within its grace period. */
export async function deletePod(api: ApiRequests, options: DeletePodOptions): Promise<boolean> {
  const { namespace, name, uid, gracePeriodSeconds } = options;
  const body = {
    apiVersion: 'v1',
    kind: 'DeleteOptions',
    preconditions: { uid },
    ...(gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds }),
  };
  return await api.attempt(`delete pod "${namespace}/${name}"`, async (send) => {
    try {
      return (await orUndefined(send({ method: 'DELETE', path: podPath(options), body }))) !== undefined;
    } catch (error) {
      // Another pod has the name, or this one was changed: then it is tried again.
      if (isConflict(error) && (await readPod(send, options))?.uid !== uid) return false;
      throw error;
    }
  });
}

export interface PodWait extends PodReference {
  /** Completes "waiting for pod …", such as `to end`. */
  readonly toDo: string;
  readonly timeoutMs: number;
  /** Undefined: there is no pod of this name. */
  readonly isDone: (pod: PodObject | undefined) => boolean;
}

/**
 * Returns the pod for which `isDone` was true. @throws KataError `KATA_KUBE_TIMEOUT`, with the last state of the pod in its
 * details; the reason of the signal of `api` when that is aborted.
 */
export async function waitForPod(api: ApiRequests, wait: PodWait): Promise<PodObject | undefined> {
  const { namespace, name, toDo, timeoutMs, isDone } = wait;
  const timeout = api.clock.timeout(timeoutMs);
  let last: PodObject | undefined;
  try {
    for await (last of podStates(api.with({ signal: timeout }), { namespace, name })) {
      if (isDone(last)) return last;
    }
    return last;
  } catch (error) {
    if (error !== timeout.reason || !timeout.aborted) throw error;
    throw new KataError(
      'KATA_KUBE_TIMEOUT',
      `timed out after ${Math.round(timeoutMs / 1000)} s waiting for pod "${namespace}/${name}" ${toDo}`,
      { exitCode: exitCodes.timeout, details: { pod: last }, cause: error },
    );
  }
}

async function* podStates(api: ApiRequests, pod: PodReference): AsyncGenerator<PodObject | undefined> {
  for await (const change of watchPods(api, pod)) {
    if (change.kind === 'listed') yield change.objects[0];
    else yield change.kind === 'deleted' ? undefined : change.object;
  }
}

export interface LogOptions extends PodReference {
  /** Left out: the only container of the pod. */
  readonly container?: string;
  /** Of the container before its last restart. */
  readonly isPrevious?: boolean;
  readonly tailLines?: number;
  /** From its beginning. */
  readonly limitBytes: number;
}

/** Undefined when the pod does not exist, its container was not started, or has no previous run. */
export async function readPodLog(api: ApiRequests, options: LogOptions): Promise<string | undefined> {
  const { namespace, name, container, isPrevious = false, tailLines, limitBytes } = options;
  const query = {
    limitBytes: String(limitBytes),
    ...(container === undefined ? {} : { container }),
    ...(isPrevious ? { previous: 'true' } : {}),
    ...(tailLines === undefined ? {} : { tailLines: String(tailLines) }),
  };
  return await api.attempt(`read the log of pod "${namespace}/${name}"`, async (send) => {
    const path = `${podPath(options)}/log`;
    try {
      return z.string().parse(await send({ method: 'GET', path, query, answers: 'text' }));
    } catch (error) {
      if (error instanceof ApiFailure && hasNoLog(error)) return undefined;
      throw error;
    }
  });
}

/** kubernetes/kubernetes pkg/kubelet/kubelet_pods.go, `validateContainerLogStatus`. */
const noLogMessages =
  /^(container ".*" in pod ".*" is (waiting to start|not available|terminated)|previous terminated container .* not found)/;

function hasNoLog({ status, message }: ApiFailure): boolean {
  return status === 404 || (status === 400 && noLogMessages.test(message));
}
