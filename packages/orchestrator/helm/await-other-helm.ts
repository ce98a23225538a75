/** Waits as long as another Helm may still be changing a release. */
import { exitCodes, KataError } from '@kata/core';
import type { HelmContext } from './helm-context.ts';
import { isPending } from './interrupted-revision.ts';
import { describeRelease, type Release } from './release.ts';

/** Helm's own limit for one operation, unless a user set another. */
export const defaultPatienceMs = 300_000;
/** A release that has been pending for days is looked at for so long. */
const shortestMs = 15_000;
const intervalMs = 3000;

/**
 * Returns the release as soon as it is not pending, or unchanged when it has been pending for `patienceMs`: a Helm that
 * was killed leaves it like that. How long it was pending before counts; our clock and that of the other machine may
 * differ, so some of the time is always seen here.
 * @throws KataError `KATA_HELM_BUSY` when another Helm began another change.
 */
export async function awaitOtherHelm(
  { clock, signal, emit, release }: Pick<HelmContext, 'clock' | 'signal' | 'emit' | 'release'>,
  read: () => Promise<Release>,
  patienceMs: number,
): Promise<Release> {
  const first = await read();
  if (!isPending(first.status)) return first;
  const waitMs = Math.min(patienceMs, Math.max(shortestMs, patienceMs - ageMs(first, clock.now())));
  const { revision, status } = first;
  emit({ kind: 'helm.awaited', release: `${release.namespace}/${release.name}`, revision, status, waitMs });
  const endMs = clock.monotonicMs() + waitMs;
  for (;;) {
    await clock.sleep(Math.min(intervalMs, Math.max(1, endMs - clock.monotonicMs())), signal);
    const seen = await read();
    if (!isPending(seen.status)) return seen;
    if (seen.revision !== revision) throw busy(first, seen);
    if (clock.monotonicMs() >= endMs) return seen;
  }
}

/** Unknown or in the future: 0. */
function ageMs({ since }: Release, now: Date): number {
  const age = now.getTime() - Date.parse(since);
  return Number.isNaN(age) ? 0 : Math.max(0, age);
}

function busy(first: Release, seen: Release): KataError {
  const message = `another Helm is changing ${describeRelease(seen)}: it began revision ${seen.revision} after revision ${first.revision}`;
  return new KataError('KATA_HELM_BUSY', message, {
    exitCode: exitCodes.conflict,
    hint: 'wait until the other Helm is done, then run this again',
  });
}
