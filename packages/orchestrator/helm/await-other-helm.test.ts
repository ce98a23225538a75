import { JumpingClock } from '@kata/core/testkit';
import { describe, expect, test } from 'vitest';
import { awaitOtherHelm, defaultPatienceMs } from './await-other-helm.ts';
import type { HelmEvent } from './helm-event.ts';
import type { Release, Revision } from './release.ts';

const release = { namespace: 'kata', name: 'kata-deploy' };
const chart = { name: 'kata-deploy', version: '3.24.0', appVersion: '3.24.0' };

function seen(revision: number, status: Revision['status'], since = '2026-01-01T00:00:00.000Z'): Release {
  return { ...release, revision, status, since, chart, values: {}, manifest: '', description: '' };
}

/** `answers`: what is read, by seconds from the start. */
async function wait(
  answers: Readonly<Record<number, Release>>,
  signal?: AbortSignal,
): Promise<{ readonly events: readonly HelmEvent[]; readonly end: unknown; readonly seconds: number }> {
  const clock = new JumpingClock();
  const events: HelmEvent[] = [];
  const read = async (): Promise<Release> => {
    const times = Object.keys(answers).map(Number);
    const last = times.findLast((time) => time * 1000 <= clock.monotonicMs()) ?? 0;
    return answers[last] ?? seen(0, 'unknown');
  };
  const context = { clock, release, emit: (event: HelmEvent) => events.push(event) };
  const end = await awaitOtherHelm(
    { ...context, ...(signal === undefined ? {} : { signal }) },
    read,
    defaultPatienceMs,
  ).catch((error: unknown) => error);
  return { events, end, seconds: clock.monotonicMs() / 1000 };
}

const awaited = (waitMs: number): HelmEvent => ({
  kind: 'helm.awaited',
  ...{ release: 'kata/kata-deploy', revision: 5, status: 'pending-upgrade', waitMs },
});

describe('a release that is pending', () => {
  const pending = seen(5, 'pending-upgrade');

  test('since now is awaited for five minutes', async () => {
    expect(await wait({ 0: pending })).toEqual({ events: [awaited(300_000)], end: pending, seconds: 300 });
  });

  test('for four minutes is awaited for another one', async () => {
    const old = seen(5, 'pending-upgrade', '2025-12-31T23:56:00Z');

    expect(await wait({ 0: old })).toEqual({ events: [awaited(60_000)], end: old, seconds: 60 });
  });

  test('for days is looked at for 15 seconds', async () => {
    const old = seen(5, 'pending-upgrade', '2025-12-24T00:00:00.123456789+01:00');

    expect(await wait({ 0: old })).toEqual({ events: [awaited(15_000)], end: old, seconds: 15 });
  });

  test.each(['2026-02-01T00:00:00Z', ''])('since %j is awaited for five minutes', async (since) => {
    expect(await wait({ 0: seen(5, 'pending-upgrade', since) })).toMatchObject({ seconds: 300 });
  });

  test.each<Revision['status']>(['deployed', 'failed'])(
    'and ends as %s was changed by a live Helm',
    async (status) => {
      const after = seen(5, status);

      expect(await wait({ 0: pending, 31: after })).toEqual({
        events: [awaited(300_000)],
        end: after,
        seconds: 33,
      });
    },
  );

  test('and pending again with another revision is refused', async () => {
    const { end, seconds } = await wait({ 0: pending, 31: seen(6, 'pending-rollback') });

    expect({ end, seconds }).toEqual({
      end: expect.objectContaining({
        code: 'KATA_HELM_BUSY',
        exitCode: 4,
        message: 'another Helm is changing release "kata/kata-deploy": it began revision 6 after revision 5',
      }),
      seconds: 33,
    });
  });

  test('is not awaited after an abort', async () => {
    const reason = new Error('stopped');

    expect((await wait({ 0: pending }, AbortSignal.abort(reason))).end).toBe(reason);
  });
});

test('other releases are not awaited', async () => {
  expect(await wait({ 0: seen(5, 'failed') })).toEqual({ events: [], end: seen(5, 'failed'), seconds: 0 });
});
