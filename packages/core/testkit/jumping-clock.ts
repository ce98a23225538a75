/** A clock for tests: a sleep returns at once, and advances the clock by its length. */
import { setImmediate as turn } from 'node:timers/promises';
import type { Clock } from '../clock.ts';

interface Alarm {
  readonly atMs: number;
  readonly ring: () => void;
}

/** The shortest sleep ends first. A time-out ends only when a sleep, or `jump`, passes it: requests take no time. */
export class JumpingClock implements Clock {
  /** The lengths of all sleeps in milliseconds, in the order in which they began. */
  readonly slept: number[] = [];
  readonly #startedAt: number;
  #ms = 0;
  #sleepers: Alarm[] = [];
  #timeouts: Alarm[] = [];

  constructor(startedAt = '2026-01-01T00:00:00.000Z') {
    this.#startedAt = Date.parse(startedAt);
  }

  now(): Date {
    return new Date(this.#startedAt + this.#ms);
  }

  monotonicMs(): number {
    return this.#ms;
  }

  jump(ms: number): void {
    this.#passTo(this.#ms + ms);
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    this.slept.push(ms);
    let isAwake = false;
    const alarm = { atMs: this.#ms + ms, ring: () => (isAwake = true) };
    this.#sleepers.push(alarm);
    while (!isAwake) {
      await turn();
      if (signal?.aborted === true) {
        this.#sleepers = this.#sleepers.filter((one) => one !== alarm);
        throw signal.reason;
      }
      if (this.#sleepers.every(({ atMs }) => atMs >= alarm.atMs)) this.#passTo(alarm.atMs);
    }
  }

  timeout(ms: number): AbortSignal {
    const controller = new AbortController();
    const ring = (): void => controller.abort(new DOMException('timed out', 'TimeoutError'));
    this.#timeouts.push({ atMs: this.#ms + ms, ring });
    return controller.signal;
  }

  #passTo(ms: number): void {
    this.#ms = Math.max(this.#ms, ms);
    const isDue = ({ atMs }: Alarm): boolean => atMs <= this.#ms;
    const due = [...this.#timeouts, ...this.#sleepers].filter(isDue);
    this.#timeouts = this.#timeouts.filter((alarm) => !isDue(alarm));
    this.#sleepers = this.#sleepers.filter((alarm) => !isDue(alarm));
    for (const { ring } of due) ring();
  }
}
