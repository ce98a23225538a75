import { KataError } from '@kata/core';
import { MemoryHost } from '@kata/host/memory';
import { expect, test } from 'vitest';
import { askVersion } from './engine-version.ts';

const unit = 'containerd.service';

/** An engine that does not answer the first times; `states`: what systemd says when it is asked, the last one from then on. */
function engineThatFails(times: number, states: readonly string[], signal?: AbortSignal) {
  const { units } = new MemoryHost({ files: {} });
  const waits: string[] = [];
  let asked = 0;
  const ask = async (): Promise<string> => {
    units.set(unit, { active: states[asked] ?? states.at(-1) ?? '', startedAtMs: 0 });
    asked += 1;
    if (asked <= times) throw new Error(`no answer to question ${asked}`);
    return '2.2.1';
  };
  const onWait = (active: string): void => void waits.push(active);
  const engine = { title: 'containerd', unit, ask, units, intervalMs: 1, signal, onWait };
  return { engine, waits, asked: () => asked };
}

test.each([
  { title: 'answers at once', times: 0, states: ['active'], waits: [] },
  { title: 'is being restarted', times: 3, states: ['deactivating', 'activating'], waits: ['deactivating'] },
  { title: 'came up between the two questions', times: 1, states: ['active'], waits: ['active'] },
  {
    title: 'has just come up',
    times: 7,
    states: ['activating', 'activating', 'activating', 'active'],
    waits: ['activating'],
  },
])('an engine that $title tells its version', async ({ times, states, waits }) => {
  const silent = engineThatFails(times, states);

  expect(await askVersion(silent.engine)).toBe('2.2.1');
  expect(silent.waits).toEqual(waits);
});

test.each([
  { title: 'failed', states: ['failed'], questions: 1 },
  { title: 'was stopped', states: ['inactive'], questions: 1 },
  { title: 'runs', states: ['active'], questions: 5 },
  { title: 'fails while it starts', states: ['activating', 'activating', 'failed'], questions: 3 },
])('a silent engine that $title is not waited for', async ({ states, questions }) => {
  const silent = engineThatFails(Number.POSITIVE_INFINITY, states);

  const error = await askVersion(silent.engine).catch((thrown: unknown) => thrown);

  expect(error).toBeInstanceOf(KataError);
  expect(error).toMatchObject({
    code: 'KATA_ENGINE_SILENT',
    exitCode: 3,
    cause: { message: `no answer to question ${questions}` },
  });
  expect(silent.asked()).toBe(questions);
});

test('who is told to end does not wait', async () => {
  const silent = engineThatFails(Number.POSITIVE_INFINITY, ['activating'], AbortSignal.abort());

  await expect(askVersion(silent.engine)).rejects.toMatchObject({ code: 'KATA_ENGINE_SILENT' });
  expect(silent.asked()).toBe(1);
});
