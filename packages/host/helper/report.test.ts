import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { buildHelper } from './build-helper.ts';

let helper: string;

beforeAll(async () => {
  const directory = await mkdtemp(join(tmpdir(), 'kata-report-'));
  helper = join(directory, 'kata-helper');
  await buildHelper({ output: helper });
  return async () => {
    await rm(directory, { recursive: true, force: true });
  };
});

async function stderrOf(
  words: readonly string[],
  env: Readonly<Record<string, string>> = { KATA_PROGRESS: 'json', NODE_NAME: 'n1' },
): Promise<string> {
  return await new Promise((resolve) => {
    execFile(helper, words, { env }, (_, __, stderr) => resolve(stderr));
  });
}

const failing = (file: string): readonly string[] => ['wait', '--ready-file', file, '--', '/bin/true'];
const reason = 'No such file or directory (errno 2)';

test('with KATA_PROGRESS=json, the waiter writes events as kata-deploy does', async () => {
  const file = '/no/such/"folder\\\t\u0001ä';
  const stderr = await stderrOf(failing(file));

  const [line = '', ...others] = stderr.split('\n');
  expect(others).toEqual(['']);
  expect(JSON.parse(line)).toStrictEqual({
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) as string,
    node: 'n1',
    kind: 'note',
    message: `kata-helper: make ${file}: ${reason}`,
  });
  const { time } = JSON.parse(line) as { readonly time: string };
  expect(Math.abs(Date.parse(time) - Date.now())).toBeLessThan(60_000);
});

test('without the name of a node, an event has none', async () => {
  expect(JSON.parse(await stderrOf(failing('/no/such'), { KATA_PROGRESS: 'json' }))).not.toHaveProperty(
    'node',
  );
});

test.each([{ KATA_PROGRESS: 'plain', NODE_NAME: 'n1' }, { KATA_PROGRESS: '' }, {}])(
  'with %j, its messages are plain',
  async (env: Readonly<Record<string, string>>) => {
    expect(await stderrOf(failing('/no/such'), env)).toBe(`kata-helper: make /no/such: ${reason}\n`);
  },
);

test('messages of other commands are always plain, because programs read them', async () => {
  expect(await stderrOf(['sync', '/no/such'])).toBe(`kata-helper: sync /no/such: ${reason}\n`);
});
