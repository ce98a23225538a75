/** Requests to the API server: a deadline for each and for all attempts, bounded retries, and errors that say what to do. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type ExitCode, exitCodes, KataError } from '@kata/core';
import * as z from 'zod';
import type { Connection } from './connection.ts';
import { writeGoJson } from './go-json.ts';
import { exchange, type HttpAnswer } from './http-exchange.ts';

export interface ApiLimits {
  /** For one request with its answer. */
  readonly requestMs: number;
  /** No attempt begins after it. */
  readonly overallMs: number;
  /** On the clock of `performance.now()`: none begins after it, and until then they go on whatever `overallMs` says. */
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
}

/** An answer that is no success. */
class ApiFailure extends Error {
  readonly status: number;
  readonly isPatch: boolean;
  /** What the server asks us to wait. */
  readonly retryAfterMs: number | undefined;

  constructor(message: string, options: Pick<ApiFailure, 'status' | 'isPatch' | 'retryAfterMs'>) {
    super(message);
    this.status = options.status;
    this.isPatch = options.isPatch;
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** There was no answer that could be read. */
class NoAnswer extends Error {}

export type Send = (request: ApiRequest) => Promise<unknown>;

const statusSchema = z.object({ message: z.string().optional() });
/** How the API itself says that there is none; what else answers 404 knows nothing of our objects. */
const absenceSchema = z.object({ kind: z.literal('Status') });

/** Who is asked. */
export interface ApiServer {
  /** In messages, such as `the API server`. */
  readonly title: string;
  readonly url: string;
  /** One of the cluster's own, which says `Status` when it refuses. */
  readonly isApi: boolean;
}

export class ApiRequests {
  readonly #connect: () => Promise<Connection>;
  readonly #limits: ApiLimits;
  readonly #otherServer: ApiServer | undefined;

  /** Another server than the cluster's own is asked with the same credentials, and trusted by the same authority. */
  constructor(connect: () => Promise<Connection>, limits: ApiLimits, otherServer?: ApiServer) {
    this.#connect = connect;
    this.#limits = limits;
    this.#otherServer = otherServer;
  }

  /**
   * Does the whole of `work` again when it met what may pass: a conflict, overload, a server that is away.
   * `what` completes "cannot …". @throws KataError `KATA_KUBE_<PROBLEM>`.
   */
  async attempt<T>(what: string, work: (send: Send) => Promise<T>): Promise<T> {
    const endsAt = this.#limits.untilMs ?? performance.now() + this.#limits.overallMs;
    for (let count = 1; ; count += 1) {
      try {
        return await work(async (request) => await this.#send(request));
      } catch (error) {
        const problem = problemOf(error);
        if (problem === undefined) throw error;
        const pauseMs = this.#pause(count, error);
        const isOver = performance.now() + pauseMs >= endsAt;
        if (!problem.mayPass || isOver) {
          throw describe(what, await this.#server(), problem, count, error);
        }
        await sleep(pauseMs);
      }
    }
  }

  #pause(count: number, error: unknown): number {
    const asked = error instanceof ApiFailure ? error.retryAfterMs : undefined;
    if (asked !== undefined) return asked;
    return Math.min(8000, this.#limits.firstPauseMs * 2 ** (count - 1)) * (0.75 + Math.random() / 2);
  }

  async #server(): Promise<ApiServer> {
    if (this.#otherServer !== undefined) return this.#otherServer;
    const { server } = await this.#connect();
    return { title: 'the API server', isApi: true, url: server };
  }

  async #send(request: ApiRequest): Promise<unknown> {
    const timeoutMs = this.#limits.requestMs;
    const signal = AbortSignal.timeout(timeoutMs);
    const { url, isApi } = await this.#server();
    try {
      const answer = await this.#exchange(url, request, signal);
      if (answer.status < 300) return JSON.parse(answer.text);
      if (answer.status === 404 && isApi && !isStatus(answer.text)) {
        // A proxy or a load balancer: taken for an answer it would remove what is wanted.
        throw new NoAnswer('something else than the Kubernetes API answered (HTTP 404)');
      }
      throw failureOf(request, answer);
    } catch (error) {
      if (error instanceof ApiFailure || error instanceof NoAnswer) throw error;
      if (!signal.aborted) throw new NoAnswer('the connection failed', { cause: error });
      throw new NoAnswer(`it did not answer within ${(timeoutMs / 1000).toFixed(1)} s`);
    }
  }

  async #exchange(server: string, request: ApiRequest, signal: AbortSignal): Promise<HttpAnswer> {
    const { method, path, query = {}, contentType, accept } = request;
    const url = new URL(`${server}${path}`);
    for (const [key, value] of Object.entries(query)) url.searchParams.set(key, value);
    const { options } = await this.#connect();
    const json = 'application/json';
    const body = request.body === undefined ? undefined : writeGoJson(request.body);
    const headers = {
      Accept: accept ?? json,
      ...(body === undefined ? {} : { 'Content-Type': contentType ?? json }),
    };
    return await exchange(url, { method, headers, body, signal }, await options());
  }
}

function describe(
  what: string,
  server: ApiServer,
  problem: Problem,
  count: number,
  error: unknown,
): KataError {
  const status = error instanceof ApiFailure ? error.status : undefined;
  const answer = status === undefined ? `${server.title} ${server.url}` : `HTTP ${status}`;
  const tries = count === 1 ? '' : ` after ${count} attempts`;
  return new KataError(problem.code, `cannot ${what}: ${answer} ${problem.says}${tries}`, {
    exitCode: problem.exitCode,
    hint: problem.hint,
    details: { attempts: count, ...(status === undefined ? {} : { status }) },
    cause: error,
  });
}

interface Problem {
  readonly code: `KATA_KUBE_${string}`;
  readonly says: string;
  readonly hint: string;
  readonly exitCode: ExitCode;
  readonly mayPass: boolean;
}

const again = { exitCode: exitCodes.temporary, mayPass: true } as const;
const final = { exitCode: exitCodes.precondition, mayPass: false } as const;

const problems = {
  unreachable: {
    ...again,
    code: 'KATA_KUBE_UNREACHABLE',
    says: 'gave no answer',
    hint: 'nothing is wrong with this node: it is tried again when the pod is started again',
  },
  conflict: {
    ...again,
    code: 'KATA_KUBE_CONFLICT',
    says: 'says that somebody else changes it all the time',
    hint: 'find who writes to it; it is tried again when the pod is started again',
  },
  overloaded: {
    ...again,
    code: 'KATA_KUBE_OVERLOADED',
    says: 'says that the API server has too much to do',
    hint: 'it is tried again when the pod is started again',
  },
  server: {
    ...again,
    code: 'KATA_KUBE_SERVER',
    says: 'is a fault of the API server',
    hint: "see the API server's log; it is tried again when the pod is started again",
  },
  unauthorized: {
    ...final,
    code: 'KATA_KUBE_UNAUTHORIZED',
    says: 'says that our credentials are not valid',
    hint: 'see whether the service account of the pod still exists; deleting the pod gives it a new token',
  },
  forbidden: {
    ...final,
    code: 'KATA_KUBE_FORBIDDEN',
    says: 'says that we may not',
    hint: 'compare ClusterRole and ClusterRoleBinding of kata-deploy with those of its chart',
  },
  absent: {
    ...final,
    code: 'KATA_KUBE_NOT_FOUND',
    says: 'says that there is none',
    hint: 'see whether it still exists, and whether NODE_NAME is the name of the node object',
  },
  refused: {
    exitCode: exitCodes.bug,
    mayPass: false,
    code: 'KATA_KUBE_REFUSED',
    says: 'says that the request is wrong',
    hint: 'this is a fault of kata-deploy: please report it with this message',
  },
} as const satisfies Readonly<Record<string, Problem>>;

/** Undefined for what the API server has nothing to do with. */
function problemOf(error: unknown): Problem | undefined {
  if (error instanceof NoAnswer) return problems.unreachable;
  if (!(error instanceof ApiFailure)) return undefined;
  const { status, isPatch } = error;
  if (status === 401) return problems.unauthorized;
  if (status === 403) return problems.forbidden;
  if (status === 404) return problems.absent;
  // 422 is what a patch gets whose tests do not hold; 410 what a list gets that took too long.
  if (status === 409 || status === 410 || (status === 422 && isPatch)) return problems.conflict;
  if (status === 429) return problems.overloaded;
  return status === 408 || status >= 500 ? problems.server : problems.refused;
}

function failureOf({ method }: ApiRequest, { status, headers, text }: HttpAnswer): ApiFailure {
  const retryAfter = Number(headers['retry-after'] ?? Number.NaN);
  return new ApiFailure(messageOf(text), {
    status,
    isPatch: method === 'PATCH',
    retryAfterMs: Number.isFinite(retryAfter) && retryAfter >= 0 ? retryAfter * 1000 : undefined,
  });
}

function isStatus(text: string): boolean {
  try {
    return absenceSchema.safeParse(JSON.parse(text)).success;
  } catch {
    return false;
  }
}

function messageOf(text: string): string {
  try {
    return statusSchema.parse(JSON.parse(text)).message ?? 'it gives no reason';
  } catch {
    return text.split('\n')[0]?.slice(0, 200) || 'it gives no reason';
  }
}

/** For requests where a certain refusal is an answer: there is none (404), or there is one already (409). */
export async function orUndefined(answer: Promise<unknown>, status: 404 | 409 = 404): Promise<unknown> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof ApiFailure && error.status === status) return undefined;
    throw error;
  }
}
