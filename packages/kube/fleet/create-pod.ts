/** Creates a pod once, even when answers of the API server are lost. */
import { exitCodes, KataError } from '@kata/core';
import { type ApiFailure, isExisting } from '../api-failure.ts';
import type { ApiRequests } from '../api-requests.ts';
import { type PodObject, podOf, type PodReference } from '../pod-object.ts';
import { readPod } from './pods.ts';

export interface PodManifest {
  readonly metadata: PodReference & { readonly annotations?: Readonly<Record<string, string>> };
  readonly [field: string]: unknown;
}

/** An annotation that the pod is created with. */
export interface PodIdentity {
  /** Its key, such as `example.org/attempt`. */
  readonly annotation: string;
  /** Unique to this pod: an existing pod of this name and value counts as created by an earlier attempt. */
  readonly value: string;
}

/**
 * @throws KataError `KATA_KUBE_POD_EXISTS` when a pod of this name has another identity or is being deleted, otherwise
 * `KATA_KUBE_<PROBLEM>`
 */
export async function createPod(
  api: ApiRequests,
  manifest: PodManifest,
  { annotation, value }: PodIdentity,
): Promise<PodObject> {
  const { metadata } = manifest;
  const { namespace, name } = metadata;
  const annotations = { ...metadata.annotations, [annotation]: value };
  const body = { ...manifest, metadata: { ...metadata, annotations } };
  return await api.attempt(`create pod "${namespace}/${name}"`, async (send) => {
    try {
      return podOf(await send({ method: 'POST', path: `/api/v1/namespaces/${namespace}/pods`, body }));
    } catch (error) {
      // Another 409 is temporary, such as a conflict on a ResourceQuota.
      if (!isExisting(error)) throw error;
      const pod = await readPod(send, { namespace, name });
      if (pod === undefined) throw error;
      if (pod.beingDeleted) throw podExists(pod, 'the existing pod is being deleted', error);
      if (pod.annotations[annotation] === value) return pod;
      throw podExists(pod, 'another pod of this name exists', error);
    }
  });
}

function podExists({ namespace, name, uid }: PodObject, reason: string, cause: ApiFailure): KataError {
  return new KataError('KATA_KUBE_POD_EXISTS', `cannot create pod "${namespace}/${name}": ${reason}`, {
    exitCode: exitCodes.conflict,
    hint: `to see the existing pod: kubectl get pod ${name} --namespace ${namespace} -o yaml`,
    details: { uid },
    cause,
  });
}
