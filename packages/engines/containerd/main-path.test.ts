/** Issue 12.6: the main file that containerd really reads, from `tests/fixtures/cases/06-unit-config-by-variable`. */
import { readFileSync } from 'node:fs';
import { KataError } from '@kata/core';
import type { HostPath, UnitState } from '@kata/host';
import { MemoryHost } from '@kata/host/memory';
import { describe, expect, test } from 'vitest';
import { someHandlers } from '../conformance/trial.ts';
import { containerd } from './index.ts';
import { expandCommand, parseEnvironmentFile } from './unit-command.ts';
import { location } from './location.ts';

const folder = new URL('../../../tests/fixtures/cases/06-unit-config-by-variable/', import.meta.url);
const main: HostPath = '/etc/containerd/config.toml';
const site: HostPath = '/etc/containerd/site.toml';
const defaults: HostPath = '/etc/default/containerd';
const read = (name: string): string => readFileSync(new URL(name, folder), 'utf8');

/** As systemd reports it over D-Bus. */
function unitOf(dropIn: string): UnitState {
  const last = (key: string): string | undefined =>
    [...dropIn.matchAll(new RegExp(`^${key}=(.+)$`, 'gm'))].at(-1)?.[1];
  const file = last('EnvironmentFile')?.replace(/^-/, '') as HostPath | undefined;
  return {
    active: 'active',
    startedAtMs: 1,
    command: last('ExecStart')?.split(' '),
    environment: last('Environment')?.split(' ') ?? [],
    environmentFiles: file === undefined ? [] : [file],
  };
}

/** Paths of the plan, or code and message of its refusal. */
async function plan(
  unit: UnitState,
  files: Readonly<Record<HostPath, string>> = {},
  {
    isPartial = false,
    configFileName,
  }: { readonly isPartial?: boolean; readonly configFileName?: string } = {},
): Promise<unknown> {
  const host = new MemoryHost({ files, units: { 'containerd.service': unit } });
  host.isPartial = isPartial;
  const isConfigFileGiven = configFileName !== undefined;
  const context = {
    location,
    prefix: '/opt/kata',
    suffix: '',
    owned: [],
    configFileName,
    isConfigFileGiven,
  } as const;
  const facts = await containerd.probe(host, '2.2.1', context);
  try {
    return containerd.planEdits(facts, someHandlers(['kata-qemu']), context).map(({ path }) => path);
  } catch (error) {
    return error instanceof KataError ? [error.code, error.message] : error;
  }
}

describe('case 06-unit-config-by-variable (issue 12.6)', () => {
  test.each(['a-variable.conf', 'b-two-variables.conf'])('%s: the default file is found', async (name) => {
    expect(await plan(unitOf(read(name)), { [main]: 'version = 3\n' })).toContain(main);
  });
  test('c: a file named by a variable in an EnvironmentFile is reported, and nothing is planned', async () => {
    const files = { [main]: 'version = 3\n', [defaults]: read('c-etc-default-containerd') };

    expect(await plan(unitOf(read('c-environment-file.conf')), files)).toEqual([
      'KATA_ENGINE_CONFIG_UNREAD',
      `containerd.service starts containerd with ${site}, not with ${main}`,
    ]);
    expect(
      await plan(unitOf(read('c-environment-file.conf')), files, { configFileName: 'site.toml' }),
    ).toContain(site);
  });
  test('c: an EnvironmentFile that is not mounted is refused, and a setting names the file', async () => {
    const unit = unitOf(read('c-environment-file.conf'));

    expect(await plan(unit, {}, { isPartial: true })).toEqual([
      'KATA_ENGINE_CONFIG_UNREAD',
      expect.stringContaining('that is not mounted into this container'),
    ]);
    expect(await plan(unit, {}, { isPartial: true, configFileName: 'site.toml' })).toContain(site);
    expect(await plan(unit, {}, { isPartial: true, configFileName: 'config.toml' })).toContain(main);
  });
  test('a path that is not clean is the same file', async () => {
    const command = ['/usr/bin/containerd', '--config', '/etc//containerd/../containerd/./config.toml'];

    expect(await plan({ active: 'active', startedAtMs: 1, command })).toContain(main);
  });
});

describe('imports that are not mounted into this container (issue 12.6)', () => {
  const files = { [main]: 'version = 3\nimports = ["/srv/site/*.toml", "/srv/one.toml"]\n' };

  test.each(['2.3.2', '2.4.2'])(
    'do not matter to containerd %s, which reads each file separately',
    async (version) => {
      const host = new MemoryHost({ files });
      host.isPartial = true;
      const context = { location, prefix: '/opt/kata', suffix: '', owned: [] } as const;
      const facts = await containerd.probe(host, version, context);

      expect(containerd.missingFiles(facts)).toEqual([]);
      expect(containerd.planEdits(facts, someHandlers(['kata-qemu']), context)).toHaveLength(2);
      expect(containerd.planEdits(facts, [], context)).toEqual([]);
    },
  );
  test('are named where containerd reads all files together', async () => {
    expect(await plan({ active: 'active', startedAtMs: 1 }, files, { isPartial: true })).toEqual([
      'KATA_ENGINE_CONFIG_HIDDEN',
      `${main} imports /srv/site/*.toml, which is not mounted into this container, but containerd 2.2.1 merges all its files`,
    ]);
  });
  test.each([
    ['a file', '/etc/containerd/gpu.toml', '/usr/share/gpu.toml', '/etc/containerd/gpu.toml'],
    ['a folder', '/etc/containerd/conf.d', '../../srv/conf.d', '/etc/containerd/conf.d/*.toml'],
  ] as const)('%s that is a link to such a path is not missing', async (_, path, target, imported) => {
    const host = new MemoryHost({ files: { [main]: `version = 3\nimports = ["${imported}"]\n` } });
    await host.files.setLink(path, target);
    host.isPartial = true;
    const context = { location, prefix: '/opt/kata', suffix: '', owned: [] } as const;
    const facts = await containerd.probe(host, '2.4.2', context);

    expect([facts.problems, facts.hidden.map(({ path: hidden }) => hidden)]).toEqual([[], [imported]]);
    const edits = containerd.planEdits(facts, someHandlers(['kata-qemu']), context);
    expect(edits.map((edit) => edit.path)).toEqual(['/opt/kata/containerd/config.d/kata-deploy.toml', main]);
  });
  test('a main file that is a link to such a path is refused: an edit would change our own container', async () => {
    const host = new MemoryHost({ files: {} });
    await host.files.makeDirectory('/etc/containerd');
    await host.files.setLink(main, '/nix/store/1/config.toml');
    host.isPartial = true;
    const context = { location, prefix: '/opt/kata', suffix: '', owned: [] } as const;

    await expect(containerd.probe(host, '2.4.2', context)).rejects.toMatchObject({
      code: 'KATA_ENGINE_CONFIG_HIDDEN',
    });
  });
  test('are missing where all of the machine is mounted', async () => {
    expect(await plan({ active: 'active', startedAtMs: 1 }, files)).toMatchObject([
      'KATA_ENGINE_CONFIG_IMPORTS',
      {},
    ]);
  });
});

test('variables are expanded as by systemd', () => {
  const variables = new Map([
    ['A', 'one two'],
    ['B', ''],
  ]);

  expect(expandCommand(['/x$A', '$A', '${A}/${B}', '$B', '$$A', '$C'], variables)).toEqual([
    '/x$A',
    'one',
    'two',
    'one two/',
    '$A',
  ]);
  expect(expandCommand(['/x', '$C'], variables, false)).toBeUndefined();
});

test('an EnvironmentFile is read as by systemd', () => {
  const text = '# no\n; no\nA=1\n B = "2 3" \nC=\'x\'\nD=a\\\nb\nE\n=f\nA=4\n';

  expect([...parseEnvironmentFile(text)]).toEqual([
    ['A', '4'],
    ['B', '2 3'],
    ['C', 'x'],
    ['D', 'ab'],
  ]);
});

test.each([
  ['--config="/etc/containerd/my site.toml"', ['--config=/etc/containerd/my site.toml']],
  [String.raw` -l 'info'  --config '/a "b".toml' c\ d`, ['-l', 'info', '--config', '/a "b".toml', 'c d']],
  ['"" x', ['', 'x']],
  ['', []],
])('issue 12.6: quotes in the value of a variable join words and are removed: %s', (value, words) => {
  expect(expandCommand(['/x', '$A'], new Map([['A', value]]))).toEqual(['/x', ...words]);
});
