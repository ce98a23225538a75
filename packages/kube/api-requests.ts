/** Requests to the API server, with a deadline for each and for all attempts, bounded retries and an abort signal. */
import type { IncomingMessage } from 'node:http';
import { anySignal, type Clock } from '@kata/core';
import {
  ApiFailure,
  type ApiServer,
  describeProblem,
  failureOf,
  isApiStatus,
  NoAnswer,
  orUndefined,
  problemOf,
} from './api-failure.ts';
import { backoffMs } from './backoff-ms.ts';
import type { Client } from './client.ts';
import type { Connection } from './connection.ts';
import { writeGoJson } from './go-json.ts';
import { openAnswer, readLines, readText } from './http-exchange.ts';

export interface ApiLimits {
  /** Timeout of one request with its answer. */
  readonly requestMs: number;
  /** No attempt begins after it. */
  readonly overallMs: number;
  /** On the monotonic clock, instead of `overallMs`: no attempt begins after it. */
  readonly untilMs?: number;
  /** It doubles after each attempt, up to eight seconds. */
  readonly firstPauseMs: number;
}

export const defaultLimits: ApiLimits = { requestMs: 10_000, overallMs: 60_000, firstPauseMs: 250 };

export interface ApiRequest {
  readonly method: 'DELETE' | 'GET' | 'PATCH' | 'POST';
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly contentType?: string;
  readonly accept?: string;
  /** Left out: the answer is JSON. */
  readonly answers?: 'text';
}

export type Send = (request: ApiRequest) => Promise<unknown>;

export interface RequestTerms {
  readonly limits?: Partial<ApiLimits>;
  /** When aborted, a request in progress rejects with its reason. */
  readonly signal?: AbortSignal | undefined;
  /** Before each request that changes something, also before one that is repeated; when it throws, nothing is sent. */
  readonly beforeWrite?: (() => Promise<void>) | undefined;
}

interface Wiring {
  readonly connect: () => Promise<Connection>;
  readonly client: Client;
  readonly clock: Clock;
  readonly limits: ApiLimits;
  readonly signal: AbortSignal | undefined;
  readonly beforeWrite?: (() => Promise<void>) | undefined;
  /** Undefined: the cluster's own API server. */
  readonly server: ApiServer | undefined;
}

export class ApiRequests {
  readonly #wiring: Wiring;

  constructor(wiring: Wiring) {
    this.#wiring = wiring;
  }

  get client(): Client {
    return this.#wiring.client;
  }

  get clock(): Clock {
    return this.#wiring.clock;
  }

  get limits(): ApiLimits {
    return this.#wiring.limits;
  }

  get signal(): AbortSignal | undefined {
    return this.#wiring.signal;
  }

  /** The same connection, with changed terms; both signals end its requests. */
  with({ limits, signal, beforeWrite = this.#wiring.beforeWrite }: RequestTerms): ApiRequests {
    const signals = [this.signal, signal].filter((one) => one !== undefined);
    return new ApiRequests({
      ...this.#wiring,
      beforeWrite,
      limits: { ...this.limits, ...limits },
      signal: signals.length < 2 ? signals[0] : AbortSignal.any(signals),
    });
  }

  /** Requests to another server, such as a kubelet, with the same credentials and certificate authority. */
  async of(title: string, address: string): Promise<ApiRequests> {
    const { protocol } = new URL((await this.#server()).url);
    const server = { title, isApi: false, url: `${protocol}//${address}` };
    return new ApiRequests({ ...this.#wiring, server });
  }

  /**
   * Repeats `work` after temporary failures: a conflict, overload, an unreachable server.
   * `what` completes "cannot …". @throws KataError `KATA_KUBE_<PROBLEM>`.
   */
  async attempt<T>(what: string, work: (send: Send) => Promise<T>): Promise<T> {
    const { clock, limits, signal, client } = this.#wiring;
    const endsAt = limits.untilMs ?? clock.monotonicMs() + limits.overallMs;
    for (let attempts = 1; ; attempts += 1) {
      signal?.throwIfAborted();
      try {
        return await work(async (request) => await this.#send(request));
      } catch (cause) {
        signal?.throwIfAborted();
        const problem = problemOf(cause);
        if (problem === undefined) throw cause;
        const pauseMs = this.#pause(attempts, cause);
        const isOver = clock.monotonicMs() + pauseMs >= endsAt;
        if (!problem.isTemporary || isOver) {
          const server = await this.#server();
          throw describeProblem(what, problem, { client, server, attempts, cause });
        }
        await clock.sleep(pauseMs, signal);
      }
    }
  }

  /**
   * Streams the lines of an answer for at most `lastsMs`; it has to begin within `requestMs`, with the retries of
   * `attempt`. Undefined: the requested version has expired (HTTP 410). Iteration throws `NoAnswer` when the answer
   * breaks off.
   */
  async openLines(
    what: string,
    request: ApiRequest,
    lastsMs: number,
  ): Promise<AsyncIterable<string> | undefined> {
    const { clock } = this.#wiring;
    return await this.attempt(what, async () => {
      const late = new AbortController();
      const end = anySignal(this.signal, clock.timeout(lastsMs), late.signal);
      const begin = clock.timeout(this.limits.requestMs);
      const giveUp = (): void => late.abort();
      begin.addEventListener('abort', giveUp);
      try {
        const opening = this.#withReason(end, async () => await this.#answerOf(request, end));
        const answer = await orUndefined(opening, 410);
        return answer === undefined ? undefined : linesOf(answer);
      } finally {
        begin.removeEventListener('abort', giveUp);
      }
    });
  }

  #pause(attempts: number, error: unknown): number {
    const requestedMs = error instanceof ApiFailure ? (error.retryAfterMs ?? 0) : 0;
    return Math.max(requestedMs, backoffMs(this.limits.firstPauseMs, attempts));
  }

  async #server(): Promise<ApiServer> {
    const { server, connect } = this.#wiring;
    return server ?? { title: 'the API server', isApi: true, url: (await connect()).server };
  }

  async #send(request: ApiRequest): Promise<unknown> {
    if (request.method !== 'GET') await this.#wiring.beforeWrite?.();
    const end = anySignal(this.signal, this.clock.timeout(this.limits.requestMs));
    return await this.#withReason(end, async () => {
      const text = await readText(await this.#answerOf(request, end));
      return request.answers === 'text' ? text : JSON.parse(text);
    });
  }

  /** Resolves when a successful answer begins. */
  async #answerOf(request: ApiRequest, end: AbortSignal): Promise<IncomingMessage> {
    const { url, isApi } = await this.#server();
    const answer = await this.#open(url, request, end);
    const { statusCode: status = 0, headers } = answer;
    if (status < 300) {
      const type = headers['content-type'] ?? '';
      if (!isApi || request.answers === 'text' || type.startsWith('application/json')) return answer;
      answer.destroy();
      throw new NoAnswer(`the answer does not come from the Kubernetes API (HTTP ${status}, ${type})`);
    }
    const text = await readText(answer);
    if (status === 404 && isApi && !isApiStatus(text)) {
      // From a proxy or a load balancer: taken for an answer, it would remove installations that are still wanted.
      throw new NoAnswer('the answer does not come from the Kubernetes API (HTTP 404)');
    }
    throw failureOf(request, { status, headers, text });
  }

  async #open(server: string, request: ApiRequest, signal: AbortSignal): Promise<IncomingMessage> {
    const { method, path, query = {}, contentType, accept } = request;
    const { connect, client } = this.#wiring;
    const url = new URL(`${server}${path}`);
    for (const [key, value] of Object.entries(query)) url.searchParams.set(key, value);
    const { options } = await connect();
    const json = 'application/json';
    const body = request.body === undefined ? undefined : writeGoJson(request.body);
    const headers = {
      'User-Agent': client.name,
      Accept: accept ?? (request.answers === 'text' ? '*/*' : json),
      ...(body === undefined ? {} : { 'Content-Type': contentType ?? json }),
    };
    return await openAnswer(url, { method, headers, body, signal }, await options());
  }

  /** Distinguishes a timeout from a failed connection. */
  async #withReason<T>(end: AbortSignal, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof ApiFailure || error instanceof NoAnswer) throw error;
      if (!end.aborted) throw new NoAnswer('the connection failed', { cause: error });
      throw new NoAnswer(`it did not answer within ${(this.limits.requestMs / 1000).toFixed(1)} s`);
    }
  }
}

async function* linesOf(answer: IncomingMessage): AsyncGenerator<string> {
  try {
    yield* readLines(answer);
  } catch (cause) {
    throw new NoAnswer('the answer broke off', { cause });
  }
}
