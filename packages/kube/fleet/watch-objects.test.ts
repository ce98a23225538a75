import { JumpingClock } from '@kata/core/testkit';
import { expect, test } from 'vitest';
import { type ScriptedAnswer, type SeenRequest, startScriptedApi } from '../testkit/scripted-api.ts';
import { type WatchChange, watchObjects } from './watch-objects.ts';

interface Seen {
  readonly name: string;
  readonly version: string;
}

const object = (name: string, resourceVersion: number): object => ({
  metadata: { name, resourceVersion: String(resourceVersion) },
});

const event = (type: string, name: string, version: number): object => ({
  type,
  object: object(name, version),
});

const listed = (version: number, ...names: readonly string[]): ScriptedAnswer => ({
  status: 200,
  body: {
    metadata: { resourceVersion: String(version) },
    items: names.map((name) => object(name, version)),
  },
});

const stream = (...lines: readonly object[]): ScriptedAnswer => ({ status: 200, lines });

const raw = (...lines: readonly string[]): ScriptedAnswer => ({
  status: 200,
  text: lines.map((line) => `${line}\n`).join(''),
});

const isWatch = ({ path }: SeenRequest): boolean => path.includes('watch=true');

const watched = {
  what: 'the nodes',
  path: '/api/v1/nodes',
  query: { labelSelector: 'kata' },
  read: (raw: unknown): Seen => {
    const { metadata } = raw as { metadata: { name: string; resourceVersion: string } };
    return { name: metadata.name, version: metadata.resourceVersion };
  },
};

function inWords(change: WatchChange<Seen>): string {
  if (change.kind === 'listed') return `listed ${change.objects.map(({ name }) => name).join(' ')}`;
  return `${change.kind} ${change.object.name} ${change.object.version}`;
}

/** Collects so many changes. Lists and watches are answered in their order; the last answer is repeated. */
async function take(
  count: number,
  { lists, streams }: { readonly lists: ScriptedAnswer[]; readonly streams: ScriptedAnswer[] },
): Promise<{ readonly changes: string[]; readonly versions: (string | null)[]; readonly lists: number }> {
  const next = (answers: ScriptedAnswer[]): ScriptedAnswer => {
    const [first = { status: 404 }, ...rest] = answers;
    if (rest.length > 0) answers.shift();
    return first;
  };
  await using api = await startScriptedApi((request) => next(isWatch(request) ? streams : lists));
  const changes: string[] = [];
  for await (const change of watchObjects(api.connect().api, watched)) {
    changes.push(inWords(change));
    if (changes.length === count) break;
  }
  const version = ({ path }: SeenRequest): string | null =>
    new URL(path, 'http://x').searchParams.get('resourceVersion');
  const watches = api.seen.filter(isWatch);
  return { changes, versions: watches.map(version), lists: api.seen.length - watches.length };
}

const silence: ScriptedAnswer = { status: 200, afterwards: 'silence' };

test('the list comes first, then each change', async () => {
  const streams = [
    stream(event('ADDED', 'b', 6), event('MODIFIED', 'a', 7), event('DELETED', 'b', 8)),
    silence,
  ];

  expect(await take(4, { lists: [listed(5, 'a')], streams })).toEqual({
    changes: ['listed a', 'changed b 6', 'changed a 7', 'deleted b 8'],
    versions: ['5'],
    lists: 1,
  });
});

test.each<[string, ScriptedAnswer]>([
  ['ends', stream(event('ADDED', 'b', 6))],
  ['breaks', { ...stream(event('ADDED', 'b', 6)), afterwards: 'cut' }],
  ['has a line that is not JSON', raw(JSON.stringify(event('ADDED', 'b', 6)), '<html>')],
  ['has a line that is not an event', stream(event('ADDED', 'b', 6), { message: 'bad gateway' })],
  ['has an object without version', stream(event('ADDED', 'b', 6), { type: 'BOOKMARK', object: {} })],
])('a stream that %s resumes after the last change, without another list', async (_, first) => {
  const streams = [first, { status: 500 }, { status: 0 }, stream(event('ADDED', 'c', 9))];

  expect(await take(3, { lists: [listed(5)], streams })).toEqual({
    changes: ['listed ', 'changed b 6', 'changed c 9'],
    versions: ['5', '6', '6', '6'],
    lists: 1,
  });
});

test('bookmarks set the version from which a stream resumes, and are not reported as changes', async () => {
  const streams = [stream(event('BOOKMARK', '', 70)), stream(event('ADDED', 'b', 71))];

  expect(await take(2, { lists: [listed(5)], streams })).toEqual({
    changes: ['listed ', 'changed b 71'],
    versions: ['5', '70'],
    lists: 1,
  });
});

test.each<[string, ScriptedAnswer]>([
  ['answers 410', { status: 410 }],
  ['reports 410 in the stream', stream({ type: 'ERROR', object: { kind: 'Status', code: 410 } })],
  ['reports another error in the stream', stream({ type: 'ERROR', object: { kind: 'Status', code: 500 } })],
])('after a server %s the objects are listed again', async (_, refusal) => {
  const lists = [listed(5, 'a', 'b'), listed(50, 'b')];
  const streams = [refusal, stream(event('MODIFIED', 'b', 51))];

  expect(await take(3, { lists, streams })).toEqual({
    changes: ['listed a b', 'listed b', 'changed b 51'],
    versions: ['5', '50'],
    lists: 2,
  });
});

test.each<[string, ScriptedAnswer]>([
  ['begin with an error', stream({ type: 'ERROR', object: { kind: 'Status', code: 410 } })],
  ['end at once', stream()],
  ['are web pages', raw('<html>')],
])('the pause doubles while streams %s, and is short again after a good stream', async (_, bad) => {
  const clock = new JumpingClock();
  let watches = 0;
  await using api = await startScriptedApi((request) => {
    if (!isWatch(request)) return listed(5);
    watches += 1;
    if (watches === 9) return stream(event('ADDED', 'b', 6));
    if (watches !== 7) return bad;
    setTimeout(() => clock.jump(70_000), 20);
    return silence;
  });

  for await (const change of watchObjects(api.connect({ clock }).api, watched)) {
    if (change.kind === 'changed') break;
  }

  const expected = [250, 500, 1000, 2000, 4000, 8000, 250, 500];
  expect(clock.slept.map((ms, i) => Math.abs(ms / (expected[i] ?? 0) - 1) <= 0.25)).toEqual(
    expected.map(() => true),
  );
});

test('a line may arrive in pieces', async () => {
  const long = { ...event('ADDED', 'é'.repeat(200_000), 6) };

  const { changes } = await take(2, { lists: [listed(5)], streams: [stream(long)] });

  expect(changes[1]).toBe(`changed ${'é'.repeat(200_000)} 6`);
});

test('a stream without data is replaced after a minute', async () => {
  const clock = new JumpingClock();
  let watches = 0;
  await using api = await startScriptedApi((request) => {
    if (!isWatch(request)) return listed(5);
    watches += 1;
    if (watches > 1) return stream(event('ADDED', 'b', 6));
    setTimeout(() => clock.jump(70_000), 20);
    return silence;
  });
  const changes = watchObjects(api.connect({ clock }).api, watched);

  await changes.next();
  expect((await changes.next()).value).toMatchObject({ kind: 'changed' });
  await changes.return(undefined);
  expect(api.seen.at(-1)?.path).toContain('timeoutSeconds=60');
});

test('an answer that does not begin times out sooner', async () => {
  const clock = new JumpingClock();
  await using api = await startScriptedApi((request) => {
    if (!isWatch(request)) return listed(5);
    setImmediate(() => clock.jump(10_000));
    return { status: 200, isMute: true };
  });
  const changes = watchObjects(api.connect({ clock }).api, watched);
  await changes.next();

  await expect(changes.next()).rejects.toMatchObject({ code: 'KATA_KUBE_UNREACHABLE', exitCode: 75 });
  expect(clock.monotonicMs()).toBeLessThan(70_000);
});

test('a watch that only a proxy answers, with a web page, is an error', async () => {
  const page = { status: 200, headers: { 'Content-Type': 'text/html' }, text: '<html>\n' };
  await using api = await startScriptedApi((request) => (isWatch(request) ? page : listed(5)));
  const changes = watchObjects(api.connect().api, watched);
  await changes.next();

  await expect(changes.next()).rejects.toMatchObject({
    code: 'KATA_KUBE_UNREACHABLE',
    exitCode: 75,
    cause: { message: 'the answer does not come from the Kubernetes API (HTTP 200, text/html)' },
  });
});

test('a forbidden watch is an error', async () => {
  await using api = await startScriptedApi((request) => (isWatch(request) ? { status: 403 } : listed(5)));
  const changes = watchObjects(api.connect().api, watched);
  await changes.next();

  await expect(changes.next()).rejects.toMatchObject({
    code: 'KATA_KUBE_FORBIDDEN',
    message: expect.stringMatching(/^cannot watch the nodes: forbidden \(HTTP 403\)/),
  });
});

test('a signal ends the wait for the next change with its reason', async () => {
  const controller = new AbortController();
  const reason = new Error('stopped');
  await using api = await startScriptedApi((request) => {
    if (!isWatch(request)) return listed(5);
    setTimeout(() => controller.abort(reason), 20);
    return silence;
  });
  const changes = watchObjects(api.connect({ signal: controller.signal }).api, watched);
  await changes.next();

  await expect(changes.next()).rejects.toBe(reason);
});

test('ending the iteration closes the connection', async () => {
  const closed = Promise.withResolvers<void>();
  async function* lines(): AsyncGenerator<object> {
    try {
      yield event('ADDED', 'b', 6);
      for (let i = 7; ; i += 1) {
        await new Promise(setImmediate);
        yield event('BOOKMARK', '', i);
      }
    } finally {
      closed.resolve();
    }
  }
  await using api = await startScriptedApi((request) =>
    isWatch(request) ? { status: 200, lines: lines() } : listed(5),
  );

  for await (const change of watchObjects(api.connect().api, watched)) if (change.kind === 'changed') break;

  await expect(closed.promise).resolves.toBeUndefined();
});
