/** Turns failed requests to the API server or kubelet into errors. */
import type { IncomingHttpHeaders } from 'node:http';
import { KataError } from '@kata/core';
import * as z from 'zod';
import { type ApiProblem, problems } from './api-problem.ts';
import type { Client } from './client.ts';

/** An answer with an HTTP status of failure. */
export class ApiFailure extends Error {
  readonly status: number;
  /** Of the `Status`, such as `AlreadyExists`; empty without one. */
  readonly reason: string;
  readonly isPatch: boolean;
  /** From the header `Retry-After`. */
  readonly retryAfterMs: number | undefined;
  readonly causes: readonly FailureCause[];

  constructor(message: string, options: Omit<ApiFailure, keyof Error>) {
    super(message);
    this.status = options.status;
    this.reason = options.reason;
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

/** There was no readable answer. */
export class NoAnswer extends Error {}

export interface ApiServer {
  /** In messages, such as `the API server`. */
  readonly title: string;
  readonly url: string;
  /** A Kubernetes API server, whose failures have a `Status` as body. */
  readonly isApi: boolean;
}

/** Undefined for errors that do not come from a request. */
export function problemOf(error: unknown): ApiProblem | undefined {
  if (error instanceof NoAnswer) return problems.unreachable;
  if (!(error instanceof ApiFailure)) return undefined;
  const { status, isPatch } = error;
  if (status === 401) return problems.unauthorized;
  if (status === 403) return problems.forbidden;
  if (status === 404) return problems.absent;
  // 410: the next page of a list has expired.
  if (status === 409 || status === 410 || (isPatch && hasFailedTest(error))) return problems.conflict;
  if (status === 429) return problems.overloaded;
  return status === 408 || status >= 500 ? problems.server : problems.refused;
}

/** Whether a `test` of a JSON patch failed; an object that is not valid has causes in its fields. */
function hasFailedTest({ status, causes }: ApiFailure): boolean {
  return status === 422 && !causes.some(({ reason }) => reason.startsWith('FieldValue'));
}

/** `what` completes "cannot …". */
export function describeProblem(
  what: string,
  problem: ApiProblem,
  request: {
    readonly client: Client;
    readonly server: ApiServer;
    readonly attempts: number;
    readonly cause: unknown;
  },
): KataError {
  const { client, server, attempts, cause } = request;
  const status = cause instanceof ApiFailure ? cause.status : undefined;
  const reason =
    status === undefined
      ? `${server.title} ${server.url} ${problem.text}`
      : `${problem.text} (HTTP ${status})`;
  const tries = attempts === 1 ? '' : ` after ${attempts} attempts`;
  return new KataError(problem.code, `cannot ${what}: ${reason}${tries}`, {
    exitCode: problem.exitCode,
    hint: client.hints[problem.code],
    details: { attempts, ...(status === undefined ? {} : { status }) },
    cause,
  });
}

const statusSchema = z.object({
  message: z.string().optional(),
  reason: z.string().default(''),
  details: z
    .object({
      causes: z
        .array(z.object({ reason: z.string().default(''), message: z.string().default('') }))
        .default([]),
    })
    .prefault({}),
});
/** Body of a 404 of the Kubernetes API; any other 404 says nothing about our objects. */
const absenceSchema = z.object({ kind: z.literal('Status') });

export function failureOf(
  { method }: { readonly method: string },
  answer: { readonly status: number; readonly headers: IncomingHttpHeaders; readonly text: string },
): ApiFailure {
  const { status, headers, text } = answer;
  const retryAfter = Number(headers['retry-after'] ?? Number.NaN);
  const { data: failure } = statusSchema.safeParse(jsonOf(text));
  const line = failure === undefined ? text.split('\n')[0]?.slice(0, 200) : failure.message;
  return new ApiFailure(line || 'no reason given', {
    status,
    reason: failure?.reason ?? '',
    isPatch: method === 'PATCH',
    retryAfterMs: Number.isFinite(retryAfter) && retryAfter >= 0 ? retryAfter * 1000 : undefined,
    causes: failure?.details.causes ?? [],
  });
}

export function isApiStatus(text: string): boolean {
  return absenceSchema.safeParse(jsonOf(text)).success;
}

/** Undefined when it is not JSON. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** HTTP 409 to a creation. Without a reason it can only mean this; a conflict is another object's, such as a ResourceQuota's. */
export function isExisting(error: unknown): error is ApiFailure {
  return error instanceof ApiFailure && error.status === 409 && ['AlreadyExists', ''].includes(error.reason);
}

/** HTTP 409 to a change or deletion of an object that is there: it was changed, or is another one of its name. */
export function isConflict(error: unknown): error is ApiFailure {
  return error instanceof ApiFailure && error.status === 409 && ['Conflict', ''].includes(error.reason);
}

/** For requests where one failure is expected, such as not found (404). */
export async function orUndefined<T>(
  answer: Promise<T>,
  isExpected: number | ((error: unknown) => boolean) = 404,
): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    const isStatus = error instanceof ApiFailure && error.status === isExpected;
    if (isStatus || (typeof isExpected === 'function' && isExpected(error))) return undefined;
    throw error;
  }
}
