/**
 * What happened, when, and on which node: plain data, one line of JSON.
 *
 * A package emits its own kinds without time and node; the program that starts the work adds both. Reporters get
 * stamped events only.
 */

export interface EventKind {
  readonly kind: string;
}

export type Stamped<E extends EventKind> = E & {
  /** ISO 8601 in UTC, with milliseconds. */
  readonly time: string;
  /** The Kubernetes node that it happened on; left out where there is no cluster. */
  readonly node?: string;
};

export type Emit<E extends EventKind> = (event: E) => void;

/** Shows or stores events. It cannot change the outcome of the work. */
export type Reporter<E extends EventKind> = (event: Stamped<E>) => void;

export interface EmitterOptions {
  readonly now: () => Date;
  readonly node?: string | undefined;
}

/** One for each node; many may share a reporter. */
export function createEmitter<E extends EventKind>(
  report: Reporter<E>,
  { now, node }: EmitterOptions,
): Emit<E> {
  const place = node === undefined ? {} : { node };
  return (event) => {
    report({ time: now().toISOString(), ...place, ...event });
  };
}
