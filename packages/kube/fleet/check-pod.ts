/** Whether the API server would take a pod: a dry run, with its admission plugins and webhooks. */
import { ApiFailure, isExisting } from '../api-failure.ts';
import type { ApiRequests } from '../api-requests.ts';
import type { PodManifest } from './create-pod.ts';
import { type PodNeeds, podNeedsOf } from './pod-needs.ts';

export type PodCheck =
  | {
      readonly kind: 'accepted';
      /** With what admission adds; undefined when there is a pod of this name already. */
      readonly needs: PodNeeds | undefined;
    }
  /** A webhook does not support dry runs: only the creation will tell. */
  | { readonly kind: 'unknown'; readonly message: string }
  | { readonly kind: 'refused'; readonly message: string };

/** kubernetes/kubernetes apiserver/pkg/admission/plugin/webhook/errors. */
const noDryRun = /does not support dry run/;

/** Creates nothing. @throws KataError `KATA_KUBE_<PROBLEM>` without an answer, or without the right to create pods. */
export async function checkPod(api: ApiRequests, manifest: PodManifest): Promise<PodCheck> {
  const { namespace, name } = manifest.metadata;
  const path = `/api/v1/namespaces/${namespace}/pods`;
  return await api.attempt(`check pod "${namespace}/${name}"`, async (send) => {
    try {
      const pod = await send({ method: 'POST', path, query: { dryRun: 'All' }, body: manifest });
      return { kind: 'accepted', needs: podNeedsOf(pod) };
    } catch (error) {
      if (!(error instanceof ApiFailure)) throw error;
      const { message } = error;
      if (isExisting(error)) return { kind: 'accepted', needs: undefined };
      if (noDryRun.test(message)) return { kind: 'unknown', message };
      if (isRefusal(error)) return { kind: 'refused', message };
      throw error;
    }
  });
}

/** Of this pod. Without the right to create any, the message has no reason of an admission plugin. */
function isRefusal({ status, message }: ApiFailure): boolean {
  if (status === 403) return !/ cannot create resource "pods"/.test(message);
  return status === 400 || status === 404 || status === 422;
}
