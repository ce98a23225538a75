import { Command } from 'commander';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { openSession } from './session.ts';

beforeEach(() => {
  vi.stubEnv('DRIFT', 'sometimes');
  vi.stubEnv('MULTI_INSTALL_SUFFIX', 'blue');
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
});

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

test('issue 12.21: with refused settings a removal continues, an installation does not', async () => {
  const { config } = await openSession(new Command(), { settlesForIdentity: true });

  expect(config.settings.prefix).toBe('/opt/kata-blue');
  await expect(openSession(new Command())).rejects.toMatchObject({ code: 'KATA_CONFIG_INVALID' });
});

test.each([
  ['text', 'done\n'],
  ['json', '{\n  "is": "done"\n}\n'],
])('results are printed as --output %s', async (output, printed) => {
  vi.stubEnv('DRIFT', undefined);
  const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  const { report } = await openSession(new Command().setOptionValue('output', output));

  report.result('done', { is: 'done' });
  report.result('no data');

  expect(write.mock.calls.map(([text]) => text)).toEqual([printed, 'no data\n']);
});

test('with --progress json, a result that --output does not format is an event', async () => {
  vi.stubEnv('DRIFT', undefined);
  vi.stubEnv('KATA_PROGRESS', 'json');
  vi.stubEnv('NODE_NAME', 'n1');
  const result = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  const events = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  const { report } = await openSession(new Command().setOptionValue('output', 'text'));

  report.result('no drift');
  report.result('two handlers', { handlers: 2 });

  expect(events.mock.calls.map(([line]) => JSON.parse(String(line)) as unknown)).toEqual([
    {
      time: expect.stringMatching(/^\d{4}-.*Z$/) as string,
      node: 'n1',
      kind: 'result',
      message: 'no drift',
    },
  ]);
  expect(result.mock.calls.map(([text]) => text)).toEqual(['two handlers\n']);
});
