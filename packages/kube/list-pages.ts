/** Lists objects page by page, at one resource version. */
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
  /** Such as `labelSelector` and `fieldSelector`; empty ones are left out. */
  readonly query?: Readonly<Record<string, string>>;
}

export interface Listed {
  readonly items: readonly unknown[];
  /** From which a watch continues. */
  readonly resourceVersion: string;
}

/** Call it in `attempt`, which starts again after an expired page (HTTP 410). */
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
