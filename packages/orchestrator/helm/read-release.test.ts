import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeError, systemClock } from '@kata/core';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Helm } from './helm.ts';
import type { HelmContext } from './helm-context.ts';
import { readHistory, readRelease, readRevision } from './read-release.ts';
import { writeProgram } from './testkit/write-program.ts';

const metadata = { name: 'x', chart: 'kata-deploy', version: '3.24.0', namespace: 'kata', revision: 4 };
const status = {
  ...{ name: 'x', version: 4, namespace: 'kata', manifest: 'kind: A\n', hooks: [] },
  info: { status: 'deployed', last_deployed: '2026-01-01T00:00:00Z', notes: 'NOTES' },
};

let directory: string;
let context: HelmContext;

/** What the stand-in for Helm answers to `get`, `status` and `history`; a text is an error. */
async function answers(by: Readonly<Record<string, unknown>>): Promise<void> {
  for (const [command, answer] of Object.entries(by)) {
    const isError = typeof answer === 'string';
    const text = isError
      ? `cat >&2 <<'END'\n${answer}\nEND\nexit 1`
      : `cat <<'END'\n${JSON.stringify(answer)}\nEND`;
    await writeFile(join(directory, command), text);
  }
}

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'helm-test-'));
  const program = join(directory, 'helm');
  await writeProgram(program, `[ "$1" = version ] && { echo v3.22.0; exit; }\n. "${directory}/$1"`);
  const helm = await Helm.open({ program, environment: { PATH: '/usr/bin:/bin' } });
  const release = { name: 'x', namespace: 'kata' };
  context = { helm, release, clock: systemClock, emit: () => undefined };
});

afterEach(async () => {
  await context.helm[Symbol.asyncDispose]();
  await rm(directory, { recursive: true });
});

test('a release without values and without appVersion is read', async () => {
  await answers({ get: metadata, status });

  expect(await readRelease(context)).toEqual({
    ...{ name: 'x', namespace: 'kata', revision: 4, status: 'deployed', description: '', values: {} },
    ...{ manifest: 'kind: A\n', since: '2026-01-01T00:00:00Z' },
    chart: { name: 'kata-deploy', version: '3.24.0', appVersion: '' },
  });
});

test('values of null are values', async () => {
  await answers({ get: metadata, status: { ...status, config: { a: null, b: { c: [1, null] } } } });

  expect((await readRelease(context)).values).toEqual({ a: null, b: { c: [1, null] } });
});

test('the history is ordered by revision', async () => {
  const line = { status: 'superseded', description: 'Upgrade complete', chart: 'x-1', app_version: '1' };
  await answers({
    history: [
      { ...line, revision: 10 },
      { ...line, revision: 9 },
    ],
  });

  expect((await readHistory(context)).map(({ revision }) => revision)).toEqual([9, 10]);
});

test.each<[string, Readonly<Record<string, unknown>>, string]>([
  ['is absent', { get: 'Error: release: not found' }, 'there is no release "kata/x"'],
  [
    'is uninstalled',
    { get: metadata, status: { ...status, info: { status: 'uninstalled' } } },
    'release "kata/x" is uninstalled',
  ],
  [
    'cannot be read',
    { get: 'Error: Kubernetes cluster unreachable: Get "http://k/version": EOF' },
    'cannot read release "kata/x"',
  ],
  [
    'has another form',
    { get: metadata, status: { ...status, config: 'secret' } },
    'cannot read release "kata/x": Helm\'s output has another form\n  because: not as expected: config (invalid_type)',
  ],
])('a release that %s is an error', async (_, by, text) => {
  await answers(by);

  const failure = describeError(await readRelease(context).catch((error: unknown) => error));

  expect(failure).toContain(text);
  expect(failure).not.toContain('secret');
});

test('an absent revision is nothing, and an absent history an error', async () => {
  await answers({ get: 'Error: release: not found', history: 'Error: release: not found' });

  expect(await readRevision(context, 3)).toBeUndefined();
  await expect(readHistory(context)).rejects.toMatchObject({ code: 'KATA_HELM_RELEASE_ABSENT' });
});
