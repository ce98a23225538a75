/** Being told to end (SIGTERM), as a signal that work can look at and wait for; told again, nothing more happens. */

export interface Termination extends Disposable {
  readonly signal: AbortSignal;
  /** Resolves when it comes; alone it keeps no process alive. */
  readonly told: Promise<void>;
}

export function listenForTermination(): Termination {
  const controller = new AbortController();
  const { promise, resolve } = Promise.withResolvers<void>();
  const hear = (): void => {
    controller.abort();
    resolve();
  };
  process.on('SIGTERM', hear);
  return {
    signal: controller.signal,
    told: promise,
    [Symbol.dispose]: () => {
      process.off('SIGTERM', hear);
    },
  };
}
