/** Lists of the API, which come page by page, as of one resource version. */
import * as z from 'zod';
import type { ApiRequest, Send } from './api-requests.ts';

const pageSize = '500';

const pageSchema = z.object({
  metadata: z
    .object({ continue: z.string().optional(), resourceVersion: z.string().default('') })
    .prefault({}),
  items: z.array(z.unknown()).nullish(),
});

export interface ListRequest extends Pick<ApiRequest, 'path' | 'accept'> {
  /** Such as `labelSelector` and `fieldSelector`; what is empty is left out. */
  readonly query?: Readonly<Record<string, string>>;
}

export interface Listed {
  readonly items: readonly unknown[];
  /** Where a watch goes on. */
  readonly resourceVersion: string;
}

/** A page that is gone (HTTP 410) is for `attempt`, which begins anew. */
export async function listPages(send: Send, request: ListRequest): Promise<Listed> {
  const items: unknown[] = [];
  const given = givenQuery(request);
  for (let next: string | undefined; ;) {
    const place = next === undefined ? {} : { continue: next };
    const answer = await send({ ...request, method: 'GET', query: { ...given, limit: pageSize, ...place } });
    const { metadata, items: more } = pageSchema.parse(answer);
    items.push(...(more ?? []));
    next = metadata.continue || undefined;
    if (next === undefined) return { items, resourceVersion: metadata.resourceVersion };
  }
}

export function givenQuery({ query = {} }: ListRequest): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(query).filter(([, value]) => value !== ''));
}
