import { expect, test } from 'vitest';
import { waitFor } from './wait-for.ts';

const soon = { what: 'the door to open', timeoutMs: 10_000, intervalMs: 1 };

test('returns the first value that the probe finds', async () => {
  const answers = [undefined, undefined, 'open'];

  expect(await waitFor(soon, async () => answers.shift())).toBe('open');
});

test('a time-out need not be a whole number of milliseconds', async () => {
  expect(await waitFor({ ...soon, timeoutMs: 119_905.9 }, async () => 'open')).toBe('open');
});

test('a probe that throws means not yet', async () => {
  let calls = 0;

  const found = await waitFor(soon, async () => {
    calls += 1;
    if (calls < 3) throw new Error('locked');
    return calls;
  });

  expect(found).toBe(3);
});

test.each([false, 0, '', null])('%j is an answer', async (answer) => {
  expect(await waitFor(soon, async () => answer)).toBe(answer);
});

test('a time-out names what was awaited, and its cause is the last error', async () => {
  const waiting = waitFor({ ...soon, timeoutMs: 20, hint: 'knock' }, async () => {
    throw new Error('locked');
  });

  await expect(waiting).rejects.toMatchObject({
    code: 'KATA_CORE_TIMEOUT',
    message: 'timed out after 0 s waiting for the door to open',
    exitCode: 5,
    hint: 'knock',
    cause: new Error('locked'),
  });
});

test('an error that was followed by an answer is not the cause', async () => {
  let calls = 0;

  const waiting = waitFor({ ...soon, timeoutMs: 20 }, async () => {
    calls += 1;
    if (calls === 1) throw new Error('locked');
    return undefined;
  });

  await expect(waiting).rejects.toSatisfy((error: Error) => error.cause === undefined && calls > 1);
});

test('the probe runs once even when the time-out is zero', async () => {
  expect(await waitFor({ ...soon, timeoutMs: 0 }, async () => 'open')).toBe('open');
});

test('an abort ends the wait at once', async () => {
  const controller = new AbortController();
  const options = { ...soon, intervalMs: 60_000, signal: controller.signal };

  const waiting = waitFor(options, async () => {
    setImmediate(() => {
      controller.abort();
    });
    return undefined;
  });

  await expect(waiting).rejects.toMatchObject({ name: 'AbortError' });
});

test('the probe does not run after an abort', async () => {
  let calls = 0;

  const waiting = waitFor({ ...soon, signal: AbortSignal.abort(new Error('stopped')) }, async () => {
    calls += 1;
    return calls;
  });

  await expect(waiting).rejects.toThrow('stopped');
  expect(calls).toBe(0);
});
