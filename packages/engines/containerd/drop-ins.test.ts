import type { HostPath } from '@kata/host';
import type { Handler } from '@kata/kata';
import { expect, test } from 'vitest';
import {
  applyEdits,
  context,
  handlers,
  main,
  own,
  plan,
  probe,
  start,
  type Tree,
  applyPlan,
} from './edited-trees.ts';
import type { EngineContext, FileEdit } from '../contract.ts';
import { effectiveConfig } from './effective-config.ts';
import { containerd } from './index.ts';

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

test('two installations share a main file and are removed one after the other', async () => {
  const text = 'version = 2\n# mine\n';
  const second: EngineContext = { prefix: '/opt/kata-b', suffix: 'b', owned: [] };
  const others = handlers.map(({ name }) => ({
    name: `${name}-b`,
    shimPath: '/opt/kata-b/bin/shim',
    configPath: `/opt/kata-b/configuration-${name}.toml`,
  })) satisfies Handler[];
  const planOf = async (
    tree: Tree,
    wanted: readonly Handler[],
    each: EngineContext,
  ): Promise<readonly FileEdit[]> => containerd.planEdits(await probe(tree, '1.7.30', each), wanted, each);

  const [one, firstOwned] = applyEdits({ [main]: text }, await planOf({ [main]: text }, handlers, context));
  const [two, secondOwned] = applyEdits(one, await planOf(one, others, second));
  const [three] = applyEdits(two, await planOf(two, [], { ...context, owned: firstOwned }));
  expect(Object.keys(effectiveConfig(await probe(three, '1.7.30')).handlers)).toEqual([
    'runc',
    'kata-qemu-b',
    'kata-clh-b',
  ]);
  const [four] = applyEdits(three, await planOf(three, [], { ...second, owned: secondOwned }));
  expect(Object.keys(effectiveConfig(await probe(four, '1.7.30')).handlers)).toEqual(['runc']);
});

test('after an upgrade from containerd 1.7 to 2.2 the handlers move from the main file into a drop-in', async () => {
  const before = await applyPlan(start({ [main]: 'version = 2\n# mine\n' }), '1.7.30', handlers);
  const edits = await plan(before, '2.2.1', handlers);
  const [tree, owned] = applyEdits(before.tree, edits, before.owned);

  expect(edits.map((edit) => edit.path)).toEqual([own, main]);
  expect(tree[main]).toContain('imports');
  expect(tree[main]).not.toContain('kata-qemu');
  expect((await applyPlan({ tree, owned }, '2.2.1', [])).tree).toEqual({ [main]: 'version = 2\n# mine\n' });
});

test('a missing drop-in or a missing import of it is restored', async () => {
  const installed = await applyPlan(start({ [main]: 'version = 3\n' }), '2.2.1', handlers);
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
  const installed = await applyPlan(start({ [main]: 'version = 2\n' }), '1.7.30', handlers);
  const edited = {
    ...installed.tree,
    [main]: (installed.tree[main] ?? '').replace(
      '"io.containerd.kata-qemu.v2"',
      '"x"\nsnapshotter = "nydus"',
    ),
  };
  const { tree } = await applyPlan({ ...installed, tree: edited }, '1.7.30', handlers);

  expect(tree[main]).toBe(
    (installed.tree[main] ?? '').replace('kata-qemu.v2"', 'kata-qemu.v2"\nsnapshotter = "nydus"'),
  );
});

test('foreign entries in our drop-in stay, and so does the file', async () => {
  const confD = { [main]: 'version = 3\nimports = ["/etc/containerd/conf.d/*.toml"]\n' };
  const installed = await applyPlan(start(confD), '2.4.2', handlers);
  const shared: HostPath = '/etc/containerd/conf.d/kata-deploy.toml';
  const added = `\n[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.theirs]\nruntime_type = "t"\n`;
  const tree = { ...installed.tree, [shared]: `${installed.tree[shared]}${added}` };
  const fewer = await applyPlan({ ...installed, tree }, '2.4.2', handlers.slice(1));

  expect((await applyPlan(fewer, '2.4.2', [])).tree).toEqual({
    ...confD,
    [shared]: `# Written by kata-deploy, which keeps what others add.\nversion = 3\n${added}`,
  });
});

test('a foreign file that only adds a key to our handler is accepted', async () => {
  const text =
    'version = 3\n[plugins."io.containerd.cri.v1.runtime".containerd.runtimes.kata-qemu]\nsnapshotter = "nydus"\n';
  const { tree } = await applyPlan(start({ [main]: text }), '2.2.1', handlers);

  expect(effectiveConfig(await probe(tree, '2.2.1')).handlers['kata-qemu']).toMatchObject({
    snapshotter: 'nydus',
    runtime_path: '/opt/kata/bin/containerd-shim-kata-v2',
  });
});
