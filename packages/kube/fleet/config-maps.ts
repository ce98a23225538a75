/** Creates, changes and lists ConfigMaps. */
import * as z from 'zod';
import { isExisting, orUndefined } from '../api-failure.ts';
import type { ApiRequests } from '../api-requests.ts';
import type { PatchOperation } from '../json-patch.ts';
import { listPages } from '../list-pages.ts';
import { texts } from '../objects.ts';
import { patchObject } from '../patch-object.ts';

export interface ConfigMapReference {
  readonly namespace: string;
  readonly name: string;
}

export interface ConfigMapObject extends ConfigMapReference {
  readonly uid: string;
  readonly resourceVersion: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly data: Readonly<Record<string, string>>;
}

type Data = Readonly<Record<string, string>>;

const schema = z.object({
  metadata: z.object({
    namespace: z.string(),
    name: z.string(),
    uid: z.string(),
    resourceVersion: z.string(),
    labels: texts,
  }),
  data: texts,
});

/** Undefined when there is none of this name. */
export async function readConfigMap(
  api: ApiRequests,
  reference: ConfigMapReference,
): Promise<ConfigMapObject | undefined> {
  return await api.attempt(`read ${title(reference)}`, async (send) => {
    const answer = await orUndefined(send({ method: 'GET', path: pathOf(reference) }));
    return answer === undefined ? undefined : configMapOf(answer);
  });
}

export async function listConfigMaps(
  api: ApiRequests,
  namespace: string,
  labelSelector: string,
): Promise<readonly ConfigMapObject[]> {
  return await api.attempt(`list the ConfigMaps of namespace "${namespace}"`, async (send) => {
    const request = { path: collection(namespace), query: { labelSelector } };
    return (await listPages(send, request)).items.map(configMapOf);
  });
}

/** Returns false when there is one of this name already. */
export async function createConfigMap(
  api: ApiRequests,
  reference: ConfigMapReference,
  { labels, data }: { readonly labels: Data; readonly data: Data },
): Promise<boolean> {
  const { namespace, name } = reference;
  const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace, name, labels }, data };
  return await api.attempt(`create ${title(reference)}`, async (send) => {
    try {
      await send({ method: 'POST', path: collection(namespace), body });
      return true;
    } catch (error) {
      if (isExisting(error)) return false;
      throw error;
    }
  });
}

/** Replaces the data by what `change` computes from it, if nobody changes it meanwhile; returns whether anything changed. */
export async function updateConfigMap(
  api: ApiRequests,
  reference: ConfigMapReference,
  change: (data: Data) => Data,
): Promise<boolean> {
  const operations = (object: unknown): readonly PatchOperation[] => {
    const { uid, resourceVersion, data } = configMapOf(object);
    const wanted = change(data);
    if (JSON.stringify(sorted(wanted)) === JSON.stringify(sorted(data))) return [];
    return [
      { op: 'test', path: '/metadata/uid', value: uid },
      { op: 'test', path: '/metadata/resourceVersion', value: resourceVersion },
      { op: 'add', path: '/data', value: wanted },
    ];
  };
  return await api.attempt(
    `change ${title(reference)}`,
    async (send) => await patchObject(send, { path: pathOf(reference), tests: [], operations }),
  );
}

/** Returns whether it existed. */
export async function deleteConfigMap(api: ApiRequests, reference: ConfigMapReference): Promise<boolean> {
  return await api.attempt(`delete ${title(reference)}`, async (send) => {
    const answer = await orUndefined(send({ method: 'DELETE', path: pathOf(reference) }));
    return answer !== undefined;
  });
}

function configMapOf(answer: unknown): ConfigMapObject {
  const { metadata, data } = schema.parse(answer);
  return { ...metadata, data };
}

function sorted(data: Data): readonly (readonly [string, string])[] {
  return Object.entries(data).toSorted(([a], [b]) => (a < b ? -1 : 1));
}

function collection(namespace: string): string {
  return `/api/v1/namespaces/${namespace}/configmaps`;
}

function pathOf({ namespace, name }: ConfigMapReference): string {
  return `${collection(namespace)}/${name}`;
}

function title({ namespace, name }: ConfigMapReference): string {
  return `ConfigMap "${namespace}/${name}"`;
}
