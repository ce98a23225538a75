/** What the Events of kubelet tell about image pulls; durations are those that kubelet measured, so clocks do not matter. */
import type { PodEvent } from './seen-pod.ts';

export interface ImagePulls {
  /** Of all pulls that succeeded; kubelet pulls the images of a pod one after the other. */
  readonly finishedMs: number;
  /** The image that is being pulled; undefined when none is. */
  readonly ongoing: string | undefined;
}

interface Occurrences {
  readonly count: number;
  readonly lastMs: number;
}

const never: Occurrences = { count: 0, lastMs: Number.NEGATIVE_INFINITY };
const started = /Pulling image "([^"]+)"/;
const succeeded = /Successfully pulled image "([^"]+)" in (\S+)(?: \((\S+) including waiting\))?/;
const ended = /(?:Successfully pulled|Failed to pull) image "([^"]+)"/;

export function imagePullsOf(events: readonly PodEvent[]): ImagePulls {
  const starts = new Map<string, Occurrences>();
  const ends = new Map<string, Occurrences>();
  let finishedMs = 0;
  for (const event of events) {
    const { message, count } = event;
    add(starts, started.exec(message)?.[1], event);
    add(ends, ended.exec(message)?.[1], event);
    const [, , took = '', withWaiting = took] = succeeded.exec(message) ?? [];
    finishedMs += count * durationMs(withWaiting);
  }
  const [ongoing] = [...starts].filter(([image, start]) => isAfter(start, ends.get(image) ?? never));
  return { finishedMs, ongoing: ongoing?.[0] };
}

function add(map: Map<string, Occurrences>, image: string | undefined, { time, count }: PodEvent): void {
  if (image === undefined) return;
  const known = map.get(image) ?? never;
  map.set(image, { count: known.count + count, lastMs: Math.max(known.lastMs, time.getTime()) });
}

/** Events have whole seconds; within one, numbers decide. */
function isAfter(start: Occurrences, end: Occurrences): boolean {
  return start.lastMs > end.lastMs || (start.lastMs === end.lastMs && start.count > end.count);
}

const unitMs: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1000, ms: 1 };

/** As Go writes it, such as `1m2.5s`. */
function durationMs(text: string): number {
  let sum = 0;
  for (const [, number, unit = ''] of text.matchAll(/([\d.]+)(h|ms|m|s)/g)) {
    sum += Number(number) * (unitMs[unit] ?? 0);
  }
  return sum;
}
