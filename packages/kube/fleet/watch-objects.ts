/** Lists objects, and then watches their changes until the caller stops. */
import * as z from 'zod';
import { NoAnswer } from '../api-failure.ts';
import type { ApiRequests } from '../api-requests.ts';
import { backoffMs, longestBackoffMs } from '../backoff-ms.ts';
import { givenQuery, listPages, type ListRequest } from '../list-pages.ts';

export interface WatchOptions<T> extends ListRequest {
  /** Completes "cannot list …" and "cannot watch …". */
  readonly what: string;
  readonly read: (object: unknown) => T;
}

export type WatchChange<T> =
  /** All objects, at the beginning and whenever changes may have been missed; others are gone. */
  | { readonly kind: 'listed'; readonly objects: readonly T[] }
  /** It was added or modified. */
  | { readonly kind: 'changed'; readonly object: T }
  /** Its last state. */
  | { readonly kind: 'deleted'; readonly object: T };

const metadataSchema = z.looseObject({ metadata: z.looseObject({ resourceVersion: z.string() }) });
const eventSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ERROR') }),
  z.object({ type: z.enum(['ADDED', 'MODIFIED', 'DELETED', 'BOOKMARK']), object: metadataSchema }),
]);

/** The API server ends each stream after this time, so that a silently broken one is noticed. */
const streamSeconds = 60;

/**
 * Resumes streams that end or break from the last resource version; lists again when that has expired (HTTP 410) or the
 * server reports an error. @throws KataError `KATA_KUBE_<PROBLEM>` when requests fail for longer than the limits of `api`;
 * the reason of its signal when that is aborted.
 */
export async function* watchObjects<T>(
  api: ApiRequests,
  { what, read, ...list }: WatchOptions<T>,
): AsyncGenerator<WatchChange<T>> {
  const stream = new WatchStream(api, `watch ${what}`, list);
  for (;;) {
    const { items, resourceVersion } = await api.attempt(
      `list ${what}`,
      async (send) => await listPages(send, list),
    );
    yield { kind: 'listed', objects: items.map(read) };
    for await (const { type, object } of stream.events(resourceVersion)) {
      yield { kind: type === 'DELETED' ? 'deleted' : 'changed', object: read(object) };
    }
  }
}

interface ObjectEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly object: unknown;
}

class WatchStream {
  readonly #requests: ApiRequests;
  readonly #what: string;
  readonly #list: ListRequest;
  #resourceVersion = '';
  /** Streams since the last one that was long enough, including that one. */
  #attempts = 0;

  constructor(requests: ApiRequests, what: string, list: ListRequest) {
    this.#requests = requests;
    this.#what = what;
    this.#list = list;
  }

  /** Since this version. Ends when the objects must be listed again. */
  async *events(resourceVersion: string): AsyncGenerator<ObjectEvent> {
    const { clock, limits, signal } = this.#requests;
    this.#resourceVersion = resourceVersion;
    for (;;) {
      const lines = await this.#open();
      const openedMs = clock.monotonicMs();
      const isLost = lines === undefined || (yield* this.#follow(lines));
      const wasGood = clock.monotonicMs() - openedMs > longestBackoffMs;
      this.#attempts = wasGood ? 1 : this.#attempts + 1;
      await clock.sleep(backoffMs(limits.firstPauseMs, this.#attempts), signal);
      if (isLost) return;
    }
  }

  /** Returns whether the server cannot resume from this version. */
  async *#follow(lines: AsyncIterable<string>): AsyncGenerator<ObjectEvent, boolean> {
    try {
      for await (const line of lines) {
        const event = eventOf(line);
        if (event.type === 'ERROR') return true;
        const { type, object } = event;
        this.#resourceVersion = object.metadata.resourceVersion;
        if (type !== 'BOOKMARK') yield { type, object };
      }
    } catch (error) {
      this.#requests.signal?.throwIfAborted();
      if (!(error instanceof NoAnswer)) throw error;
    }
    return false;
  }

  async #open(): Promise<AsyncIterable<string> | undefined> {
    const query = {
      ...givenQuery(this.#list),
      watch: 'true',
      allowWatchBookmarks: 'true',
      timeoutSeconds: String(streamSeconds),
      resourceVersion: this.#resourceVersion,
    };
    const lastsMs = streamSeconds * 1000 + this.#requests.limits.requestMs;
    return await this.#requests.openLines(this.#what, { ...this.#list, method: 'GET', query }, lastsMs);
  }
}

/** Throws `NoAnswer` for lines that do not come from the Kubernetes API, such as the web page of a proxy. */
function eventOf(line: string): z.infer<typeof eventSchema> {
  try {
    return eventSchema.parse(JSON.parse(line));
  } catch (cause) {
    throw new NoAnswer('the answer is not a watch of the Kubernetes API', { cause });
  }
}
