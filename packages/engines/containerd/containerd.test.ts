import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { HostPath } from '@kata/host';
import { MemoryHost } from '@kata/host/memory';
import { parse } from 'smol-toml';
import { describe, expect, test } from 'vitest';
import type { EngineContext, FileEdit, Handler, OwnedFile } from '../contract.ts';
import { findFaults } from './check-after.ts';
import { effectiveConfig } from './effective-config.ts';
import type { ContainerdFacts } from './facts.ts';
import { containerd } from './index.ts';

type Tree = Readonly<Record<HostPath, string>>;

const main: HostPath = '/etc/containerd/config.toml';
const own: HostPath = '/opt/kata/containerd/config.d/kata-deploy.toml';
const context: EngineContext = { prefix: '/opt/kata', suffix: '', owned: [] };
const versions = ['1.6.20', '1.7.30', '2.0.0', '2.2.1', '2.4.2'] as const;

const fixture = (name: string): string =>
  readFileSync(new URL(`fixtures/${name}.toml`, import.meta.url), 'utf8');
const cri = '[plugins."io.containerd.grpc.v1.cri"]\n';
const gpu = `version = 3\n[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.nvidia]\nruntime_type = 'n'\n`;

/** `needs` is the only generation that can read it. */
const fixtures: Readonly<Record<string, { readonly tree: Tree; readonly needs?: 1 | 2 }>> = {
  'no file': { tree: {} },
  'an empty file': { tree: { [main]: '' } },
  'comments only': { tree: { [main]: '# nothing set\n' } },
  'a version only': { tree: { [main]: 'version = 2' } },
  'a file edited by hand in schema 2': { tree: { [main]: fixture('edited-2') } },
  'CRLF and a byte order mark': {
    tree: { [main]: `\uFEFF${fixture('edited-2').replaceAll('\n', '\r\n')}` },
  },
  'no final newline': { tree: { [main]: fixture('edited-2').trimEnd() } },
  'the default of 1.7': { tree: { [main]: fixture('default-1.7') } },
  'the default of 2.2': { tree: { [main]: fixture('default-2.2') }, needs: 2 },
  'schema 1': { tree: { [main]: 'root = "/r"\n[plugins.cri]\nsandbox_image = "p"\n' } },
  'inline tables and dotted keys': {
    tree: {
      [main]:
        'version = 2\nplugins."io.containerd.grpc.v1.cri".containerd.runtimes = { runc = { runtime_type = "r" } } # dense\n',
    },
  },
  'imports on several lines': {
    tree: {
      [main]: fixture('edited-3'),
      '/etc/containerd/gpu.toml': gpu,
      '/etc/containerd/extra/z.toml': 'version = 3\n[debug]\nlevel = "debug"\n',
    },
    needs: 2,
  },
  'a directory for drop-ins': {
    tree: {
      [main]: 'version = 3\nimports = ["/etc/containerd/conf.d/*.toml"]\n',
      '/etc/containerd/conf.d/gpu.toml': gpu,
    },
    needs: 2,
  },
  'a section that an imported file replaces': {
    tree: {
      [main]: `version = 2\nimports = ["more/*.toml"]\n${cri}sandbox_image = "lost"\n`,
      '/etc/containerd/more/1.toml': `version = 2\n${cri}sandbox_image = "kept" # by ops\n`,
    },
  },
};

const handlers: readonly Handler[] = ['kata-qemu', 'kata-clh'].map((name) => ({
  name,
  shimPath: '/opt/kata/bin/containerd-shim-kata-v2',
  configPath: `/opt/kata/share/defaults/kata-containers/configuration-${name}.toml`,
}));

const probe = async (tree: Tree, version: string, owned = context): Promise<ContainerdFacts> =>
  await containerd.probe(new MemoryHost({ files: tree }), version, owned);

/** What the installer does with a plan: applies and records it. */
function applyEdits(
  tree: Tree,
  edits: readonly FileEdit[],
  owned: readonly OwnedFile[] = [],
): [Tree, OwnedFile[]] {
  const result = new Map(Object.entries(tree) as [HostPath, string][]);
  const records = new Map(owned.map((file) => [file.path, file]));
  for (const { path, before, after, original } of edits) {
    expect(result.get(path)).toBe(before);
    if (after === undefined) result.delete(path);
    else result.set(path, after);
    if (after === undefined || after === original) records.delete(path);
    else records.set(path, { path, original, leftSha256: createHash('sha256').update(after).digest('hex') });
  }
  return [Object.fromEntries(result), [...records.values()]];
}

interface State {
  readonly tree: Tree;
  readonly owned: readonly OwnedFile[];
}

async function plan(state: State, version: string, wanted: readonly Handler[]): Promise<readonly FileEdit[]> {
  const owned = { ...context, owned: state.owned, known: handlers };
  return containerd.planEdits(await probe(state.tree, version, owned), wanted, owned);
}

/** Checks after each single edit that containerd could be started, and at the end that all is as wanted. */
async function turn(state: State, version: string, wanted: readonly Handler[]): Promise<State> {
  const before = await probe(state.tree, version);
  let current = state;
  for (const edit of await plan(state, version, wanted)) {
    const [tree, owned] = applyEdits(current.tree, [edit], current.owned);
    current = { tree, owned };
    expect((await probe(tree, version)).problems).toEqual([]);
  }
  const after = await probe(current.tree, version);
  expect(findFaults(before, after, wanted, context)).toEqual([]);
  for (const text of Object.values(current.tree)) parse(text.replace('\uFEFF', ''));
  return current;
}

const start = (tree: Tree): State => ({ tree, owned: [] });

const cases = versions.flatMap((version) =>
  Object.entries(fixtures)
    .filter(([, { needs }]) => needs === undefined || (needs === 1) === version.startsWith('1'))
    .map(([name, { tree }]) => ({ version, name, tree })),
);

describe.each(cases)('containerd $version with $name', ({ version, tree }) => {
  test('gets the handlers, loses one, and is put back byte for byte', async () => {
    const installed = await turn(start(tree), version, handlers);
    expect(await plan(installed, version, handlers)).toEqual([]);

    const fewer = await turn(installed, version, handlers.slice(0, 1));
    expect(await plan(fewer, version, handlers.slice(0, 1))).toEqual([]);

    expect((await turn(fewer, version, [])).tree).toEqual(tree);
  });

  test('keeps every line that was there', async () => {
    const { tree: installed } = await turn(start(tree), version, handlers);

    for (const [path, text] of Object.entries(tree)) {
      const lines = (installed[path as HostPath] ?? '').split(/\r?\n/);
      // What stands on one line is extended there.
      const lost = text.split(/\r?\n/).filter((line) => !lines.includes(line));
      expect(lost.filter((line) => !/imports|"\/etc|# dense/.test(line))).toEqual([]);
    }
  });

  test('keeps what an administrator changed in between', async () => {
    const installed = await turn(start(tree), version, handlers);
    const edited = Object.fromEntries(
      Object.entries(installed.tree).map(([path, text]) => [
        path,
        path.startsWith('/etc')
          ? `# mine\n${text.replace('\uFEFF', '')}\n[proxy_plugins.mine]\naddress = "/m"\n`
          : text,
      ]),
    );
    expect(await plan({ ...installed, tree: edited }, version, handlers)).toEqual([]);

    const fewer = await turn({ ...installed, tree: edited }, version, handlers.slice(1));
    const { tree: left } = await turn(fewer, version, []);

    for (const text of Object.values(left)) expect(text).not.toContain('kata-qemu');
    const settings = effectiveConfig(await probe(left, version)).settings;
    expect(settings['proxy_plugins']).toMatchObject({ mine: { address: '/m' } });
  });
});

test.each([
  ['1.6.20', 'fresh-1.6'],
  ['1.7.30', 'fresh-1.7'],
  ['2.2.1', 'fresh-2.2'],
  ['2.4.2', 'fresh-2.4'],
])('containerd %s without a file', async (version) => {
  const { tree } = await turn(start({}), version, handlers.slice(0, 1));

  expect(tree).toMatchSnapshot();
});

test.each([
  ['1.7.30', 2],
  ['2.2.1', 2],
  ['2.2.1', 3],
  ['2.4.2', 2],
  ['2.4.2', 3],
  ['2.4.2', 4],
])('containerd %s with schema %i and a directory for drop-ins', async (version, schema) => {
  const text = `version = ${schema}\nimports = ["conf.d/*.toml"]\n`;
  const { tree } = await turn(start({ [main]: text }), version, handlers.slice(0, 1));

  expect(tree).toMatchSnapshot();
});

test('each installation has its own drop-in in the shared directory', async () => {
  const other: EngineContext = { prefix: '/opt/kata-b', suffix: 'b', owned: [] };
  const facts = await probe(
    { [main]: 'version = 3\nimports = ["/etc/containerd/*/*.toml"]\n' },
    '2.4.2',
    other,
  );

  expect(containerd.planEdits(facts, handlers, other).map((edit) => edit.path)).toEqual([
    '/etc/containerd/conf.d/kata-deploy-b.toml',
  ]);
});

test('two installations share a main file and leave one after the other', async () => {
  const text = 'version = 2\n# mine\n';
  const [first, second]: EngineContext[] = [context, { prefix: '/opt/kata-b', suffix: 'b', owned: [] }];
  const others = handlers.map(({ name }) => ({
    name: `${name}-b`,
    shimPath: '/opt/kata-b/bin/shim',
    configPath: `/opt/kata-b/configuration-${name}.toml`,
  })) satisfies Handler[];
  if (first === undefined || second === undefined) return;
  const planOf = async (
    tree: Tree,
    wanted: readonly Handler[],
    each: EngineContext,
  ): Promise<readonly FileEdit[]> => containerd.planEdits(await probe(tree, '1.7.30', each), wanted, each);

  const [one, firstOwned] = applyEdits({ [main]: text }, await planOf({ [main]: text }, handlers, first));
  const [two, secondOwned] = applyEdits(one, await planOf(one, others, second));
  const [three] = applyEdits(two, await planOf(two, [], { ...first, owned: firstOwned }));
  expect(Object.keys(effectiveConfig(await probe(three, '1.7.30')).handlers)).toEqual([
    'runc',
    'kata-qemu-b',
    'kata-clh-b',
  ]);
  const [four] = applyEdits(three, await planOf(three, [], { ...second, owned: secondOwned }));
  expect(Object.keys(effectiveConfig(await probe(four, '1.7.30')).handlers)).toEqual(['runc']);
});

test('after a step from containerd 1.7 to 2.2 the handlers move from the main file into a drop-in', async () => {
  const before = await turn(start({ [main]: 'version = 2\n# mine\n' }), '1.7.30', handlers);
  const edits = await plan(before, '2.2.1', handlers);
  const [tree, owned] = applyEdits(before.tree, edits, before.owned);

  expect(edits.map((edit) => edit.path)).toEqual([own, main]);
  expect(tree[main]).toContain('imports');
  expect(tree[main]).not.toContain('kata-qemu');
  expect((await turn({ tree, owned }, '2.2.1', [])).tree).toEqual({ [main]: 'version = 2\n# mine\n' });
});

test('a drop-in that lost its import or itself is put right', async () => {
  const installed = await turn(start({ [main]: 'version = 3\n' }), '2.2.1', handlers);
  const { [own]: _, ...without } = installed.tree;

  expect((await plan({ ...installed, tree: without }, '2.2.1', handlers)).map((edit) => edit.path)).toEqual([
    own,
  ]);
  expect((await plan({ ...installed, tree: without }, '2.2.1', [])).map((edit) => edit.after)).toEqual([
    'version = 3\n',
  ]);
  expect(
    (
      await plan({ ...installed, tree: { ...installed.tree, [main]: 'version = 3\n' } }, '2.2.1', handlers)
    ).map((edit) => edit.path),
  ).toEqual([main]);
});

test('keys that an administrator added to a handler stay', async () => {
  const installed = await turn(start({ [main]: 'version = 2\n' }), '1.7.30', handlers);
  const edited = {
    ...installed.tree,
    [main]: (installed.tree[main] ?? '').replace(
      '"io.containerd.kata-qemu.v2"',
      '"x"\nsnapshotter = "nydus"',
    ),
  };
  const { tree } = await turn({ ...installed, tree: edited }, '1.7.30', handlers);

  expect(tree[main]).toBe(
    (installed.tree[main] ?? '').replace('kata-qemu.v2"', 'kata-qemu.v2"\nsnapshotter = "nydus"'),
  );
});

test('what others wrote into our drop-in stays, and so does the file', async () => {
  const confD = { [main]: 'version = 3\nimports = ["/etc/containerd/conf.d/*.toml"]\n' };
  const installed = await turn(start(confD), '2.4.2', handlers);
  const shared: HostPath = '/etc/containerd/conf.d/kata-deploy.toml';
  const added = `\n[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.theirs]\nruntime_type = "t"\n`;
  const tree = { ...installed.tree, [shared]: `${installed.tree[shared]}${added}` };
  const fewer = await turn({ ...installed, tree }, '2.4.2', handlers.slice(1));

  expect((await turn(fewer, '2.4.2', [])).tree).toEqual({
    ...confD,
    [shared]: `# Written by kata-deploy, which keeps what others add.\nversion = 3\n${added}`,
  });
});

test('a handler that somebody only adds a key to is not taken', async () => {
  const text =
    'version = 3\n[plugins."io.containerd.cri.v1.runtime".containerd.runtimes.kata-qemu]\nsnapshotter = "nydus"\n';
  const { tree } = await turn(start({ [main]: text }), '2.2.1', handlers);

  expect(effectiveConfig(await probe(tree, '2.2.1')).handlers['kata-qemu']).toMatchObject({
    snapshotter: 'nydus',
    runtime_path: '/opt/kata/bin/containerd-shim-kata-v2',
  });
});

const section = 'plugins."io.containerd.grpc.v1.cri"';

test.each([
  {
    name: 'an import that is missing',
    tree: { [main]: 'version = 2\nimports = ["/etc/gone.toml"]\n' },
    error: {
      code: 'KATA_ENGINE_CONFIG_IMPORTS',
      message:
        '/etc/containerd/config.toml imports /etc/gone.toml, which is not there; containerd would not start again',
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
    name: 'a schema of the future',
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
    name: 'a handler that somebody else has',
    tree: {
      [main]: `version = 2\n[${section}.containerd.runtimes.kata-clh]\nruntime_type = "io.containerd.kata.v2"\n`,
    },
    error: {
      code: 'KATA_ENGINE_HANDLER_TAKEN',
      message: '/etc/containerd/config.toml defines the handler kata-clh with another shim',
    },
  },
  {
    name: 'an engine that does not serve kubelet, as Docker packages it',
    tree: { [main]: 'disabled_plugins = ["cri"]\n' },
    error: { code: 'KATA_ENGINE_CRI_DISABLED' },
  },
])('refuses $name and changes nothing', async ({ tree, error }) => {
  for (const version of versions) {
    const facts = await probe(tree, version);
    expect(() => containerd.planEdits(facts, handlers, context)).toThrow(
      expect.objectContaining(error) as Error,
    );
    // Nothing of ours is there, so there is nothing to put back either.
    expect(containerd.planEdits(facts, [], context)).toEqual([]);
  }
});

test('refuses an engine that is too old', async () => {
  await expect(probe({}, '1.5.9')).rejects.toMatchObject({ code: 'KATA_ENGINE_VERSION' });
});

test('knows the files that containerd reads, in its order and each once', async () => {
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

test('a fault is said before containerd is restarted', async () => {
  const before = await probe({ [main]: 'version = 2\nroot = "/r"\n' }, '2.2.1');
  const after = await probe({ [main]: 'version = 3\n' }, '2.2.1');

  expect(findFaults(before, after, handlers.slice(0, 1), context)).toEqual([
    'root would change, which is not ours',
    'the handler kata-qemu would not be as it should',
  ]);
});
