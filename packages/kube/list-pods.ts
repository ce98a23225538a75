/** The pods that a selection names, as the API server knows them. */
import type { ApiRequests } from './api-requests.ts';
import { listPages, type ListRequest } from './list-pages.ts';
import { type PodObject, podOf, type PodReference } from './pod-object.ts';

export interface PodSelection {
  /** Left out: all. */
  readonly namespace?: string;
  /** The one that they are bound to; left out: any, or none. */
  readonly nodeName?: string;
  readonly labelSelector?: string;
}

export async function listPods(api: ApiRequests, selection: PodSelection): Promise<readonly PodObject[]> {
  const { namespace, nodeName } = selection;
  const places = [namespace, nodeName === undefined ? undefined : `node "${nodeName}"`];
  const where = places.filter((place) => place !== undefined).join(' on ');
  return await api.attempt(`list the pods of ${where || 'all nodes'}`, async (send) =>
    (await listPages(send, podsRequest(selection))).items.map(podOf),
  );
}

export function podsRequest({ namespace, nodeName, labelSelector = '' }: PodSelection): ListRequest {
  return {
    path: namespace === undefined ? '/api/v1/pods' : `/api/v1/namespaces/${namespace}/pods`,
    query: { fieldSelector: nodeName === undefined ? '' : `spec.nodeName=${nodeName}`, labelSelector },
  };
}

export function podPath({ namespace, name }: PodReference): string {
  return `/api/v1/namespaces/${namespace}/pods/${name}`;
}
