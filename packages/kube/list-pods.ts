/** Lists the selected pods. */
import type { ApiRequests } from './api-requests.ts';
import { listPages, type ListRequest } from './list-pages.ts';
import { type PodObject, podOf, type PodReference } from './pod-object.ts';

export interface PodSelection {
  /** Left out: all. */
  readonly namespace?: string;
  /** The node that they are bound to; left out: any, or none. */
  readonly nodeName?: string;
  readonly name?: string;
  readonly labelSelector?: string;
}

export async function listPods(api: ApiRequests, selection: PodSelection): Promise<readonly PodObject[]> {
  return await api.attempt(`list ${describePods(selection)}`, async (send) =>
    (await listPages(send, podsRequest(selection))).items.map(podOf),
  );
}

/** Such as `the pods of node "n1"`. */
export function describePods({ namespace, nodeName, name }: PodSelection): string {
  if (name !== undefined) return `pod "${namespace === undefined ? name : `${namespace}/${name}`}"`;
  const places = [namespace, nodeName === undefined ? undefined : `node "${nodeName}"`];
  return `the pods of ${places.filter((place) => place !== undefined).join(' on ') || 'all nodes'}`;
}

export function podsRequest({ namespace, nodeName, name, labelSelector = '' }: PodSelection): ListRequest {
  const fields = { 'spec.nodeName': nodeName, 'metadata.name': name };
  const given = Object.entries(fields).flatMap(([field, value]) =>
    value === undefined ? [] : `${field}=${value}`,
  );
  return {
    path: namespace === undefined ? '/api/v1/pods' : `/api/v1/namespaces/${namespace}/pods`,
    query: { fieldSelector: given.join(','), labelSelector },
  };
}

export function podPath({ namespace, name }: PodReference): string {
  return `/api/v1/namespaces/${namespace}/pods/${name}`;
}
