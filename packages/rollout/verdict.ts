/** The verdict about a verification pod, from what was seen of it. */
import { awaitsImage, delayCause } from './delay-cause.ts';
import type { Failure, FailureWord } from './failure.ts';
import { imagePullsOf } from './image-pulls.ts';
import { absence, failureOf } from './pod-end.ts';
import type { PodEvent, SeenPod } from './seen-pod.ts';

export interface VerificationTerms {
  readonly node: string;
  /** When the pod was created, on the same clock as `now`. */
  readonly since: Date;
  readonly now: Date;
  /** Without image pulls. */
  readonly timeoutMs: number;
  /** For image pulls, in addition. */
  readonly pullTimeoutMs: number;
}

export const defaultVerificationTimes = {
  timeoutMs: 180_000,
  /** For 10 GB at 100 Mbit/s. */
  pullTimeoutMs: 900_000,
} as const;

/** Each message is one sentence without a final dot. */
export type Verdict =
  | {
      readonly kind: 'pending';
      /** When it fails if nothing changes. */
      readonly until: Date;
      readonly message: string;
    }
  | { readonly kind: 'passed'; readonly message: string }
  | {
      readonly kind: 'failed';
      readonly word: FailureWord;
      readonly message: string;
      /** The pod was ended from outside and tells nothing about Kata: another pod may end differently. */
      readonly mayRetry: boolean;
    };

/**
 * `pod` is undefined when there is none of its name any more. A failed or passed verdict does not change with time; what
 * kubelet repeats, such as creating a sandbox, may succeed until time is up, and then its failure is the word.
 */
export function judgePod(
  pod: SeenPod | undefined,
  events: readonly PodEvent[],
  terms: VerificationTerms,
): Verdict {
  if (pod === undefined) return failed(absence(events), terms);
  const failure = failureOf(pod, events, terms.node);
  if (failure !== undefined) return failed(failure, terms);
  if (pod.phase === 'Succeeded') return { kind: 'passed', message: sentence(terms, 'succeeded') };
  const { finishedMs, ongoing } = imagePullsOf(events);
  const pulling = awaitsImage(pod) ? ongoing : undefined;
  const pullsMs = finishedMs + (pulling === undefined ? 0 : terms.pullTimeoutMs);
  const until = new Date(terms.since.getTime() + terms.timeoutMs + pullsMs);
  const { word, text } = delayCause(pod, events, pulling);
  if (terms.now < until) {
    return { kind: 'pending', until, message: sentence(terms, `has not ended yet: ${text}`) };
  }
  const predicate = `has not succeeded within ${timeFrom(terms, pullsMs)}: ${text}`;
  return failed({ word, predicate, mayRetry: false }, terms);
}

function failed({ word, predicate, mayRetry }: Failure, terms: VerificationTerms): Verdict {
  return { kind: 'failed', word, message: sentence(terms, predicate), mayRetry };
}

function sentence({ node }: VerificationTerms, predicate: string): string {
  return `the verification pod for node "${node}" ${predicate}`;
}

function timeFrom({ timeoutMs }: VerificationTerms, pullsMs: number): string {
  const total = `${Math.round((timeoutMs + pullsMs) / 1000)} s`;
  return pullsMs === 0 ? total : `${total}, of which ${Math.round(pullsMs / 1000)} s for image pulls`;
}
