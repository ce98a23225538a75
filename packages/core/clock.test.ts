import { expect, test } from 'vitest';
import { type Clock, systemClock } from './clock.ts';
import { JumpingClock } from './testkit/jumping-clock.ts';

describeClock('system clock', () => systemClock);
describeClock('jumping clock', () => new JumpingClock());

function describeClock(name: string, make: () => Clock): void {
  test(`the ${name} advances during a sleep`, async () => {
    const clock = make();
    const [date, before] = [clock.now().getTime(), clock.monotonicMs()];

    await clock.sleep(20);

    expect(clock.monotonicMs() - before).toBeGreaterThanOrEqual(19);
    expect(clock.now().getTime() - date).toBeGreaterThanOrEqual(15);
  });

  test(`the ${name} rejects a sleep with the reason of the signal`, async () => {
    const clock = make();
    const reason = new Error('stopped');
    const controller = new AbortController();
    const sleeping = clock.sleep(60_000, controller.signal);
    controller.abort(reason);

    await expect(sleeping).rejects.toBe(reason);
    await expect(clock.sleep(60_000, controller.signal)).rejects.toBe(reason);
  });

  test(`the ${name} aborts a signal after its time-out`, async () => {
    const clock = make();
    const signal = clock.timeout(10);
    expect(signal.aborted).toBe(false);

    await clock.sleep(60);

    expect(signal.reason).toMatchObject({ name: 'TimeoutError' });
  });
}

test('on the jumping clock, the shortest sleep ends first', async () => {
  const clock = new JumpingClock();
  const order: string[] = [];
  const sleep = async (ms: number): Promise<void> => {
    await clock.sleep(ms);
    order.push(`${ms} at ${clock.monotonicMs()}`);
  };

  await Promise.all([sleep(300), sleep(100), sleep(200).then(async () => await sleep(50))]);

  expect(order).toEqual(['100 at 100', '200 at 200', '50 at 250', '300 at 300']);
  expect(clock.slept).toEqual([300, 100, 200, 50]);
});

test('on the jumping clock, everything that is due ends together', async () => {
  const clock = new JumpingClock();
  const sleeping = clock.sleep(1000);
  const signals = [clock.timeout(500), clock.timeout(1500)];

  clock.jump(1000);
  await sleeping;

  expect(signals.map(({ aborted }) => aborted)).toEqual([true, false]);
  expect(clock.now().toISOString()).toBe('2026-01-01T00:00:01.000Z');
});
