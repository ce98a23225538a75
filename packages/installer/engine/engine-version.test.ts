import { KataError } from '@kata/core';
import { MemoryHost } from '@kata/host/memory';
import { expect, test } from 'vitest';
import { queryVersion } from './engine-version.ts';

const unit = 'containerd.service';

/** An engine that does not answer the first `times` queries; `states`: of its unit at each query, the last one from then on. */
function engineThatFails(times: number, states: readonly string[], signal?: AbortSignal) {
  const { units } = new MemoryHost({ files: {} });
  const waits: string[] = [];
  let queries = 0;
  const query = async (): Promise<string> => {
    units.set(unit, { active: states[queries] ?? states.at(-1) ?? '', startedAtMs: 0 });
    queries += 1;
    if (queries <= times) throw new Error(`no answer to query ${queries}`);
    return '2.2.1';
  };
  const onWait = (active: string): void => void waits.push(active);
  const engine = { title: 'containerd', unit, query, units, intervalMs: 1, signal, onWait };
  return { engine, waits, queries: () => queries };
}

test.each([
  { title: 'answers at once', times: 0, states: ['active'], waits: [] },
  { title: 'is being restarted', times: 3, states: ['deactivating', 'activating'], waits: ['deactivating'] },
  { title: 'came up between the two queries', times: 1, states: ['active'], waits: ['active'] },
  {
    title: 'has just come up',
    times: 7,
    states: ['activating', 'activating', 'activating', 'active'],
    waits: ['activating'],
  },
])('the version of an engine that $title is read', async ({ times, states, waits }) => {
  const unresponsive = engineThatFails(times, states);

  expect(await queryVersion(unresponsive.engine)).toBe('2.2.1');
  expect(unresponsive.waits).toEqual(waits);
});

test.each([
  { title: 'failed', states: ['failed'], queries: 1 },
  { title: 'was stopped', states: ['inactive'], queries: 1 },
  { title: 'is running', states: ['active'], queries: 5 },
  { title: 'fails while it starts', states: ['activating', 'activating', 'failed'], queries: 3 },
])('there is no wait for an unresponsive engine that $title', async ({ states, queries }) => {
  const unresponsive = engineThatFails(Number.POSITIVE_INFINITY, states);

  const error = await queryVersion(unresponsive.engine).catch((thrown: unknown) => thrown);

  expect(error).toBeInstanceOf(KataError);
  expect(error).toMatchObject({
    code: 'KATA_ENGINE_SILENT',
    exitCode: 3,
    cause: { message: `no answer to query ${queries}` },
  });
  expect(unresponsive.queries()).toBe(queries);
});

test('there is no wait after SIGTERM', async () => {
  const unresponsive = engineThatFails(Number.POSITIVE_INFINITY, ['activating'], AbortSignal.abort());

  await expect(queryVersion(unresponsive.engine)).rejects.toMatchObject({ code: 'KATA_ENGINE_SILENT' });
  expect(unresponsive.queries()).toBe(1);
});
