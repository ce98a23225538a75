/** What a server of the cluster answers that is no success, and the error that it becomes. */
import type { IncomingHttpHeaders } from 'node:http';
import { KataError } from '@kata/core';
import * as z from 'zod';
import { type ApiProblem, problems } from './api-problem.ts';
import type { Client } from './client.ts';

/** An answer that is no success. */
export class ApiFailure extends Error {
  readonly status: number;
  readonly isPatch: boolean;
  /** What the server asks us to wait. */
  readonly retryAfterMs: number | undefined;
  readonly causes: readonly FailureCause[];

  constructor(message: string, options: Pick<ApiFailure, 'status' | 'isPatch' | 'retryAfterMs' | 'causes'>) {
    super(message);
    this.status = options.status;
    this.isPatch = options.isPatch;
    this.retryAfterMs = options.retryAfterMs;
    this.causes = options.causes;
  }
}

/** As in `details.causes` of a `Status`. */
export interface FailureCause {
  /** Such as `DisruptionBudget`. */
  readonly reason: string;
  readonly message: string;
}

/** There was no answer that could be read. */
export class NoAnswer extends Error {}

/** Who is asked. */
export interface ApiServer {
  /** In messages, such as `the API server`. */
  readonly title: string;
  readonly url: string;
  /** One of the cluster's own, which says `Status` when it refuses. */
  readonly isApi: boolean;
}

/** Undefined for what the API server has nothing to do with. */
export function problemOf(error: unknown): ApiProblem | undefined {
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

/** `what` completes "cannot …". */
export function describeProblem(
  what: string,
  problem: ApiProblem,
  asked: {
    readonly client: Client;
    readonly server: ApiServer;
    readonly attempts: number;
    readonly cause: unknown;
  },
): KataError {
  const { client, server, attempts, cause } = asked;
  const status = cause instanceof ApiFailure ? cause.status : undefined;
  const answer = status === undefined ? `${server.title} ${server.url}` : `HTTP ${status}`;
  const tries = attempts === 1 ? '' : ` after ${attempts} attempts`;
  return new KataError(problem.code, `cannot ${what}: ${answer} ${problem.says}${tries}`, {
    exitCode: problem.exitCode,
    hint: client.hints[problem.code],
    details: { attempts, ...(status === undefined ? {} : { status }) },
    cause,
  });
}

const statusSchema = z.object({
  message: z.string().optional(),
  details: z
    .object({
      causes: z
        .array(z.object({ reason: z.string().default(''), message: z.string().default('') }))
        .default([]),
    })
    .prefault({}),
});
/** How the API itself says that there is none; what else answers 404 knows nothing of our objects. */
const absenceSchema = z.object({ kind: z.literal('Status') });

export function failureOf(
  { method }: { readonly method: string },
  answer: { readonly status: number; readonly headers: IncomingHttpHeaders; readonly text: string },
): ApiFailure {
  const { status, headers, text } = answer;
  const retryAfter = Number(headers['retry-after'] ?? Number.NaN);
  const { data: said } = statusSchema.safeParse(jsonOf(text));
  const line = said === undefined ? text.split('\n')[0]?.slice(0, 200) : said.message;
  return new ApiFailure(line || 'it gives no reason', {
    status,
    isPatch: method === 'PATCH',
    retryAfterMs: Number.isFinite(retryAfter) && retryAfter >= 0 ? retryAfter * 1000 : undefined,
    causes: said?.details.causes ?? [],
  });
}

export function isApiStatus(text: string): boolean {
  return absenceSchema.safeParse(jsonOf(text)).success;
}

/** Undefined where it is none. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** For requests where a certain refusal is an answer, such as that there is none (404) or one already (409). */
export async function orUndefined<T>(answer: Promise<T>, status = 404): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof ApiFailure && error.status === status) return undefined;
    throw error;
  }
}
