import { expect, test } from 'vitest';
import type { HostPath } from '@kata/host';
import { someHandlers, Trial } from '../conformance/trial.ts';
import { gone, main, qemuAndClh, refusal, versions } from './testkit/case-machines.ts';
import { findFaults } from './check-after.ts';
import { tested } from './testkit/conformance-machines.ts';
import { type ContainerdFacts, containerd } from './index.ts';
import { location } from './location.ts';

const probe = async (files: Readonly<Record<HostPath, string>>, version: string): Promise<ContainerdFacts> =>
  await new Trial(tested, version, files).facts();

const section = 'plugins."io.containerd.grpc.v1.cri"';

test.each([
  {
    name: 'a missing import',
    tree: { [main]: 'version = 2\nimports = ["/etc/gone.toml"]\n' },
    error: {
      code: 'KATA_ENGINE_CONFIG_IMPORTS',
      message:
        '/etc/containerd/config.toml imports /etc/gone.toml, which does not exist: containerd would not start',
      hint: 'create /etc/gone.toml or remove it from imports in /etc/containerd/config.toml',
    },
  },
  {
    name: 'a file that is not TOML',
    tree: {
      [main]: 'version = 2\nimports = ["/etc/containerd/a*"]\n',
      '/etc/containerd/a.toml': 'a = 1\nb ==',
    },
    error: {
      code: 'KATA_ENGINE_CONFIG_TOML',
      message: expect.stringContaining(
        '/etc/containerd/a.toml is not valid TOML at line 2, column 4',
      ) as string,
      hint: 'correct /etc/containerd/a.toml',
    },
  },
  {
    name: 'an unknown newer schema',
    tree: { [main]: 'version = 9\n' },
    error: { code: 'KATA_ENGINE_CONFIG_SCHEMA' },
  },
  {
    name: 'imports of another kind',
    tree: { [main]: 'imports = "x"\n' },
    error: { code: 'KATA_ENGINE_CONFIG_IMPORTS' },
  },
  {
    name: 'a malformed pattern',
    tree: { [main]: 'imports = ["[*"]\n' },
    error: { code: 'KATA_ENGINE_CONFIG_IMPORTS' },
  },
  {
    name: 'a foreign handler of the same name',
    tree: {
      [main]: `version = 2\n[${section}.containerd.runtimes.kata-clh]\nruntime_type = "io.containerd.kata.v2"\n`,
    },
    error: {
      code: 'KATA_ENGINE_HANDLER_TAKEN',
      message: '/etc/containerd/config.toml defines the handler kata-clh with another shim',
    },
  },
  {
    name: 'containerd without CRI, as Docker packages it',
    tree: { [main]: 'disabled_plugins = ["cri"]\n' },
    error: { code: 'KATA_ENGINE_CRI_DISABLED' },
  },
])('refuses $name and changes nothing', async ({ tree, error }) => {
  for (const version of versions) {
    const trial = new Trial(tested, version, tree);
    expect(await refusal(trial, qemuAndClh)).toMatchObject(error);
    // Nothing is installed, so there is nothing to restore.
    expect(await trial.plan('', gone)).toEqual([]);
  }
});

test('refuses an engine that is too old', async () => {
  await expect(probe({}, '1.5.9')).rejects.toMatchObject({ code: 'KATA_ENGINE_VERSION' });
});

test('lists the files that containerd reads, in its order and each once', async () => {
  const facts = await probe(
    {
      [main]: 'version = 3\nimports = ["/a/*/?.toml", "second.toml"]\n',
      '/a/y/1.toml': 'imports = ["../x/late.toml"]\n',
      '/a/x/2.toml': '',
      '/a/x/long.toml': '',
      '/a/x/late.toml': 'imports = ["/etc/containerd/config.toml"]\n',
      '/etc/containerd/second.toml': '',
    },
    '2.4.2',
  );

  expect(facts.problems).toEqual([]);
  expect(containerd.configFiles(facts)).toEqual([
    main,
    '/a/x/2.toml',
    '/a/y/1.toml',
    '/etc/containerd/second.toml',
    '/a/x/late.toml',
  ]);
});

test.each([
  ['1.6.20~ds1', '/more/a.toml'],
  ['v1.6.29', '/etc/containerd/more/a.toml'],
  ['1.7.15', '/more/a.toml'],
  ['1.7.16', '/etc/containerd/more/a.toml'],
])('containerd %s finds relative patterns as %s', async (version, path) => {
  const tree = { [main]: 'imports = ["more/*.toml"]', '/more/a.toml': '', '/etc/containerd/more/a.toml': '' };

  expect(containerd.configFiles(await probe(tree, version))).toEqual([main, path]);
});

test('faults are reported before containerd is restarted', async () => {
  const before = await probe({ [main]: 'version = 2\nroot = "/r"\n' }, '2.2.1');
  const after = await probe({ [main]: 'version = 3\n' }, '2.2.1');
  const context = { location, prefix: '/opt/kata', suffix: '', owned: [] } as const;

  expect(findFaults(before, after, someHandlers(['kata-qemu']), context)).toEqual([
    'the foreign setting root would change',
    'the handler kata-qemu would differ from the plan',
  ]);
});
