import type { HostPath } from '@kata/host';
import { describe, expect, test } from 'vitest';
import { fixtures, handlers, main, plan, probe, start, applyPlan, versions } from './edited-trees.ts';
import { effectiveConfig } from './effective-config.ts';

const cases = versions.flatMap((version) =>
  Object.entries(fixtures)
    .filter(([, { needs }]) => needs === undefined || (needs === 1) === version.startsWith('1'))
    .map(([name, { tree }]) => ({ version, name, tree })),
);

describe.each(cases)('containerd $version with $name', ({ version, tree }) => {
  test('keeps every existing line', async () => {
    const { tree: installed } = await applyPlan(start(tree), version, handlers);

    for (const [path, text] of Object.entries(tree)) {
      const lines = (installed[path as HostPath] ?? '').split(/\r?\n/);
      // A value on one line is extended there.
      const lost = text.split(/\r?\n/).filter((line) => !lines.includes(line));
      expect(lost.filter((line) => !/imports|"\/etc|# dense/.test(line))).toEqual([]);
    }
  });

  test('keeps changes that an administrator made in between', async () => {
    const installed = await applyPlan(start(tree), version, handlers);
    const edited = Object.fromEntries(
      Object.entries(installed.tree).map(([path, text]) => [
        path,
        path.startsWith('/etc')
          ? `# mine\n${text.replace('\uFEFF', '')}\n[proxy_plugins.mine]\naddress = "/m"\n`
          : text,
      ]),
    );
    expect(await plan({ ...installed, tree: edited }, version, handlers)).toEqual([]);

    const fewer = await applyPlan({ ...installed, tree: edited }, version, handlers.slice(1));
    const { tree: left } = await applyPlan(fewer, version, []);

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
  const { tree } = await applyPlan(start({}), version, handlers.slice(0, 1));

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
  const { tree } = await applyPlan(start({ [main]: text }), version, handlers.slice(0, 1));

  expect(tree).toMatchSnapshot();
});
