/** Creates, reads and deletes Secrets. */
import * as z from 'zod';
import { isExisting, orUndefined } from '../api-failure.ts';
import type { ApiRequests } from '../api-requests.ts';
import { texts } from '../objects.ts';

export interface SecretReference {
  readonly namespace: string;
  readonly name: string;
}

export interface SecretContent {
  readonly labels: Readonly<Record<string, string>>;
  readonly data: Readonly<Record<string, string>>;
  /** Deleted with it; in the same namespace. */
  readonly owner: {
    readonly apiVersion: string;
    readonly kind: string;
    readonly name: string;
    readonly uid: string;
  };
}

const schema = z.object({ data: texts });

/** Undefined when there is none of this name. */
export async function readSecret(
  api: ApiRequests,
  reference: SecretReference,
): Promise<SecretContent['data'] | undefined> {
  return await api.attempt(`read ${title(reference)}`, async (send) => {
    const answer = await orUndefined(send({ method: 'GET', path: pathOf(reference) }));
    if (answer === undefined) return undefined;
    const entries = Object.entries(schema.parse(answer).data);
    return Object.fromEntries(entries.map(([key, text]) => [key, Buffer.from(text, 'base64').toString()]));
  });
}

/** Returns false when there is one of this name already. */
export async function createSecret(
  api: ApiRequests,
  reference: SecretReference,
  { labels, data, owner }: SecretContent,
): Promise<boolean> {
  const entries = Object.entries(data).map(([key, text]) => [key, Buffer.from(text).toString('base64')]);
  const body = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { ...reference, labels, ownerReferences: [owner] },
    data: Object.fromEntries(entries) as object,
  };
  return await api.attempt(`create ${title(reference)}`, async (send) => {
    try {
      await send({ method: 'POST', path: collection(reference), body });
      return true;
    } catch (error) {
      if (isExisting(error)) return false;
      throw error;
    }
  });
}

/** Returns whether it existed. */
export async function deleteSecret(api: ApiRequests, reference: SecretReference): Promise<boolean> {
  return await api.attempt(`delete ${title(reference)}`, async (send) => {
    return (await orUndefined(send({ method: 'DELETE', path: pathOf(reference) }))) !== undefined;
  });
}

function collection({ namespace }: SecretReference): string {
  return `/api/v1/namespaces/${namespace}/secrets`;
}

function pathOf(reference: SecretReference): string {
  return `${collection(reference)}/${reference.name}`;
}

function title({ namespace, name }: SecretReference): string {
  return `Secret "${namespace}/${name}"`;
}
