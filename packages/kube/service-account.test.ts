import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openServiceAccount } from './service-account.ts';

test.each([
  ['10.96.0.1', 'https://10.96.0.1:443'],
  ['fd00::1', 'https://[fd00::1]:443'],
])('the API server of a pod is at %s', (host, server) => {
  const environment = { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: '443' };

  expect(openServiceAccount('/none', environment).server).toBe(server);
});

test('a token that kubelet renews is used at once', async () => {
  await using directory = await mkdtempDisposable(join(tmpdir(), 'service-account-'));
  await writeFile(join(directory.path, 'ca.crt'), 'an authority');
  const { options } = openServiceAccount(directory.path, {});
  const seen: unknown[] = [];
  for (const token of ['first\n', 'second']) {
    await writeFile(join(directory.path, 'token'), token);
    const { headers, ca } = await options();
    seen.push([headers, String(ca)]);
  }

  expect(seen).toEqual([
    [{ Authorization: 'Bearer first' }, 'an authority'],
    [{ Authorization: 'Bearer second' }, 'an authority'],
  ]);
});
