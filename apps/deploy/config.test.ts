import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readConfig, readIdentityConfig } from './config.ts';

test('the defaults are the paths of the installer image', async () => {
  const { settings, ...config } = await readConfig({ environment: {}, kataArchitecture: 'ppc64le' });

  expect(config).toEqual({
    hostRoot: '/',
    lockDirectory: undefined,
    graceMs: 600_000,
    drift: 'repair',
    progress: 'auto',
    payload: '/opt/kata-artifacts',
    helper: '/usr/bin/kata-helper',
    architecture: expect.any(String),
    nodeName: undefined,
    namespace: 'kube-system',
    daemonSet: 'kata-deploy',
    isPostDeleteHook: false,
  });
  expect(settings.shims.map((shim) => shim.name)).toEqual(['qemu', 'qemu-runtime-rs']);
});

test('the default namespace is that of the ServiceAccount', async () => {
  const readFile = async (path: string): Promise<string | undefined> =>
    path === '/var/run/secrets/kubernetes.io/serviceaccount/namespace' ? 'kata\n' : undefined;

  expect((await readConfig({ environment: {}, readFile })).namespace).toBe('kata');
  expect((await readConfig({ environment: { POD_NAMESPACE: 'other' }, readFile })).namespace).toBe('other');
});

test('a flag overrides the environment, that the file, that the default', async () => {
  await using scratch = await mkdtempDisposable(join(tmpdir(), 'config-test-'));
  const file = join(scratch.path, 'kata.yaml');
  await writeFile(file, 'nodeName: file\npodNamespace: file\ndaemonSetName: file\n');
  const environment = { KATA_DEPLOY_CONFIG: file, NODE_NAME: 'environment', POD_NAMESPACE: 'environment' };

  expect(await readConfig({ environment, flags: { nodeName: 'flag' } })).toMatchObject({
    nodeName: 'flag',
    namespace: 'environment',
    daemonSet: 'file',
    helper: '/usr/bin/kata-helper',
  });
});

test('issue 12.21: refused settings do not affect those that a removal needs', async () => {
  const environment = { SHIMS_X86_64: 'nosuchshim', NODE_NAME: 'n1', MULTI_INSTALL_SUFFIX: 'blue' };
  await expect(readConfig({ environment, kataArchitecture: 'x86_64' })).rejects.toThrow('nosuchshim');

  expect(await readIdentityConfig({ environment })).toMatchObject({
    nodeName: 'n1',
    settings: { prefix: '/opt/kata-blue', suffix: 'blue' },
  });
  await expect(readIdentityConfig({ environment: { MULTI_INSTALL_SUFFIX: '../x' } })).rejects.toThrow();
  const json = { ...environment, KATA_PROGRESS: 'json' };
  expect(await readIdentityConfig({ environment: json })).toMatchObject({ progress: 'json' });
  expect(await readIdentityConfig({ environment: json, flags: { progress: 'no' } })).toMatchObject({
    progress: 'auto',
  });
  // The file may set the path of the installation.
  expect(await readIdentityConfig({ environment: { ...environment, KATA_DEPLOY_CONFIG: '/k.yaml' } })).toBe(
    undefined,
  );
});

test('a directory instead of a file is refused', async () => {
  await expect(readConfig({ environment: {}, flags: { config: '/' } })).rejects.toMatchObject({
    code: 'KATA_CONFIG_INVALID',
    message: '/ cannot be read: EISDIR: illegal operation on a directory, read',
  });
});
