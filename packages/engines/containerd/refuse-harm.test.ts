/** Issue 12.3 and 12.6: harmful edits are refused before the first change. */
import { KataError } from '@kata/core';
import { describe, expect, test } from 'vitest';
import { edit, gone, machine, main, qemu, runtime, text, textAt } from './testkit/case-machines.ts';
import { someHandlers, Trial, type Desired } from '../conformance/trial.ts';
import { tested } from './testkit/conformance-machines.ts';
import { type ContainerdFacts, containerd } from './index.ts';
import { location } from './location.ts';

describe('a plan is checked before its first change (issue 12.3, 12.6)', () => {
  const context = { location, prefix: '/opt/kata', suffix: '', owned: [], known: qemu.handlers } as const;
  const table = `plugins."${runtime}".containerd`;

  async function judge(trial: Trial<ContainerdFacts>, desired: Desired): Promise<unknown> {
    const facts = await trial.facts();
    const edits = containerd.planEdits(facts, desired.handlers, context);
    try {
      containerd.refuseHarm(facts, edits, desired.handlers, context);
      return 'good';
    } catch (error) {
      return error instanceof KataError ? [error.code, error.message, error.hint] : error;
    }
  }

  describe('case 08-default-runtime-is-kata (issue 12.3)', () => {
    const both: Desired = { handlers: someHandlers(['kata-qemu', 'kata-clh']) };

    test.each([
      ['2.2.1', 'schema3'],
      ['2.4.2', 'schema3'],
      ['1.7.30', 'schema2'],
    ])('on %s a removal, or other shims, without the default handler of %s', async (version, schema) => {
      const folder = `08-default-runtime-is-kata/${schema}`;
      const trial = new Trial(tested, version, machine(folder));
      await trial.step('', both);
      expect(await judge(trial, gone)).toBe('good');
      await edit(trial, main, `${await textAt(trial, main)}\n${text(`${folder}/add.toml`)}`);

      expect(await judge(trial, both)).toBe('good');
      expect(await judge(trial, qemu)).toBe('good');
      const refused = [
        'KATA_ENGINE_DEFAULT_RUNTIME',
        expect.stringContaining(`default_runtime_name in ${main} is kata-qemu`),
        expect.stringContaining(`in ${main}`),
      ];
      expect(await judge(trial, gone)).toEqual(refused);
      expect(await judge(trial, { handlers: someHandlers(['kata-clh']) })).toEqual(refused);
    });

    test('the default handler in a foreign drop-in', async () => {
      const folder = '08-default-runtime-is-kata';
      const trial = new Trial(tested, '2.4.2', {
        [`/etc/containerd/conf.d/20-default.toml`]: text(`${folder}/foreign-drop-in/conf.d/20-default.toml`),
        [main]: `imports = ['/etc/containerd/conf.d/*.toml']\n${text(`${folder}/schema3/config.toml`)}`,
      });
      await trial.step('', both);

      expect(await judge(trial, qemu)).toEqual([
        'KATA_ENGINE_DEFAULT_RUNTIME',
        expect.stringContaining('default_runtime_name in /etc/containerd/conf.d/20-default.toml is kata-clh'),
        expect.any(String),
      ]);
    });
  });
  test('a removal is refused while a foreign file prevents the start of the engine', async () => {
    const trial = new Trial(tested, '2.2.1', machine('05-neighbour-bomb', 'none'));
    await trial.step('', qemu);
    await edit(trial, '/etc/containerd/conf.d/99-gpu.toml', 'version = 9\n');

    expect(await judge(trial, gone)).toMatchObject(['KATA_ENGINE_CONFIG_SCHEMA', {}, {}]);
  });
  test('a foreign file that overrides one of our handlers is named', async () => {
    const trial = new Trial(tested, '2.4.2', machine('04-drop-in-higher-than-root-2.3/a-no-version'));
    await edit(
      trial,
      '/etc/containerd/conf.d/zz.toml',
      `version = 3\n[${table}.runtimes.kata-qemu.options]\nConfigPath = "/x.toml"\n`,
    );

    expect(await judge(trial, qemu)).toEqual([
      'KATA_ENGINE_HANDLER_TAKEN',
      '/etc/containerd/conf.d/zz.toml overrides options of the handler kata-qemu, which belongs to this installation',
      expect.stringContaining('remove the handler kata-qemu'),
    ]);
  });
  test('the predicted facts are those after the edits', async () => {
    const trial = new Trial(tested, '2.2.1', machine('03-neighbour-comes-and-goes'));
    const facts = await trial.facts();
    const foreseen = containerd.foresee(facts, containerd.planEdits(facts, qemu.handlers, context));
    await trial.step('', qemu);

    expect(foreseen).toMatchObject({ files: (await trial.facts()).files, problems: [] });
  });
});
