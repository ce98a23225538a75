/** Why a verification failed. */

export type FailureWord = 'no-room' | 'image' | 'not-started' | 'crashed' | 'timed-out' | `exit-${number}`;

export interface Failure {
  readonly word: FailureWord;
  /** Completes "the verification pod …". */
  readonly predicate: string;
  /** It was ended from outside and tells nothing about Kata: another pod may end differently. */
  readonly mayRetry: boolean;
}
