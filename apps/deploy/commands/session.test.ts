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

test('issue 12.21: a removal goes on where the settings are refused, an installation does not', async () => {
  const { config } = await openSession(new Command(), { settlesForIdentity: true });

  expect(config.settings.prefix).toBe('/opt/kata-blue');
  await expect(openSession(new Command())).rejects.toMatchObject({ code: 'KATA_CONFIG_INVALID' });
});
