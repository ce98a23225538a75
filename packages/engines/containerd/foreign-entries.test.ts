/** Issue 12.5 and 12.6: handlers of an administrator, and how our drop-ins are imported next to them. */
import type { HostPath } from '@kata/host';
import { describe, expect, test } from 'vitest';
import { edit, gone, main, own, qemu, refusal, runtime, served, textAt } from './testkit/case-machines.ts';
import { someHandlers, Trial } from '../conformance/trial.ts';
import { tested } from './testkit/conformance-machines.ts';
import { containerd } from './index.ts';
import { location } from './location.ts';

describe('handlers that an administrator wrote are not ours (issue 12.5)', () => {
  const table = (plugin: string): string => `plugins."${plugin}".containerd.runtimes`;
  /** A copy of ours under another name. */
  const his = (plugin: string): string => `
[${table(plugin)}.special]
runtime_type = "io.containerd.kata-qemu.v2"
runtime_path = "/opt/kata/bin/containerd-shim-kata-v2"
privileged_without_host_devices = true
pod_annotations = ["io.katacontainers.*"]
[${table(plugin)}.special.options]
ConfigPath = "/opt/kata/share/defaults/kata-containers/configuration-kata-qemu.toml"
`;
  const context = { location, prefix: '/opt/kata', suffix: '', owned: [] } as const;
  const shimPath = '/opt/kata/bin/containerd-shim-kata-v2';

  test.each([
    ['1.6.20', 2, 'io.containerd.grpc.v1.cri', 'in the main file', false],
    ['1.7.30', 2, 'io.containerd.grpc.v1.cri', 'in the main file', false],
    ['2.2.1', 3, runtime, 'in the main file', false],
    ['2.2.1', 3, runtime, 'in a drop-in', true],
    ['2.4.2', 3, runtime, 'in a drop-in', true],
  ])('on containerd %s in schema %i for %s %s', async (version, schema, plugin, _where, isDropIn) => {
    const text = `version = ${schema}\n${his(plugin)}`;
    const place: HostPath = isDropIn ? '/etc/containerd/conf.d/site.toml' : main;
    const trial = new Trial(tested, version, {
      ...(isDropIn ? { [main]: `version = ${schema}\nimports = ["conf.d/*.toml"]\n` } : {}),
      [place]: text,
    });
    const start = trial.tree();

    for (const desired of [qemu, { handlers: someHandlers(['kata-clh']) }]) {
      expect(await trial.step('', desired)).toEqual([]);
      expect(await textAt(trial, place)).toContain(his(plugin));
    }
    const facts = await trial.facts();
    expect(containerd.findHandlers(facts, context).map(({ name }) => name)).toEqual(['kata-clh']);
    expect(containerd.findForeignHandlers(facts, context)).toEqual([
      { name: 'special', file: place, shimPath, usesOurFiles: true },
    ]);
    expect(await trial.step('', gone)).toEqual([]);
    expect(trial.tree()).toEqual(start);
  });
  test('also in the file of our handlers', async () => {
    const trial = new Trial(tested, '2.2.1', { [main]: 'version = 3\n' });
    await trial.step('', qemu);
    await edit(trial, own, `${await textAt(trial, own)}${his(runtime)}`);

    expect(await trial.step('', { handlers: someHandlers(['kata-clh']) })).toEqual([]);
    expect(await textAt(trial, own)).toContain(his(runtime));
  });
  test.each(['kata-qemu-big', 'kata-qemu-other'])('also as %s, with our type of that name', async (name) => {
    const text = `version = 3\n${his(runtime)
      .replaceAll('special', name)
      .replace('io.containerd.kata-qemu.v2', `io.containerd.${name}.v2`)
      .replace('configuration-kata-qemu.toml', 'runtimes/qemu/configuration-qemu.toml')}`;
    const trial = new Trial(tested, '2.2.1', { [main]: text });

    expect(await trial.step('', { handlers: someHandlers(['kata-clh']) })).toEqual([]);
    expect(await textAt(trial, main)).toContain(`runtimes.${name}]`);
    expect(containerd.findForeignHandlers(await trial.facts(), context)).toEqual([
      { name, file: main, shimPath, usesOurFiles: true },
    ]);
  });
  test('one with a name of ours is refused before any change', async () => {
    const text = `version = 3\n${his(runtime).replaceAll('special', 'kata-clh')}`;
    const trial = new Trial(tested, '2.2.1', { [main]: text });
    const error = await refusal(trial, { handlers: someHandlers(['kata-clh']) });

    expect([error.code, error.message]).toEqual([
      'KATA_ENGINE_HANDLER_TAKEN',
      `${main} already defines the handler kata-clh`,
    ]);
  });
});

describe('our drop-ins are imported by a pattern (issue 12.6)', () => {
  test.each(['2.0.5', '2.2.1', '2.4.2'])(
    'a missing directory does not stop containerd %s',
    async (version) => {
      const trial = new Trial(tested, version, { [main]: 'version = 2\n' });
      await trial.step('', qemu);
      await trial.host.files.removeTree('/opt/kata');

      expect((await trial.facts()).problems).toEqual([]);
      expect(await trial.step('', qemu)).toEqual([]);
      expect(await served(trial)).toContain('kata-qemu');
    },
  );
  test('a literal import of an earlier version is replaced by the pattern, and removed at the end', async () => {
    const trial = new Trial(tested, '2.2.1', { [main]: 'version = 3\n' });
    const start = trial.tree();
    await trial.step('', qemu);
    const pattern = '/opt/kata/containerd/config.d/*.toml';
    await edit(trial, main, (await textAt(trial, main)).replace(pattern, own));

    expect(await trial.step('', qemu)).toEqual([]);
    expect(await textAt(trial, main)).toContain(`imports = ["${pattern}"] # by kata-deploy`);
    expect(await trial.step('', gone)).toEqual([]);
    expect(trial.tree()).toEqual(start);
  });
  test('a foreign file among them that is not read yet is refused by name', async () => {
    const stray = '/opt/kata/containerd/config.d/mine.toml';
    const trial = new Trial(tested, '2.2.1', { [main]: 'version = 3\n', [stray]: 'version = 2\n' });
    const error = await refusal(trial, qemu);

    expect(error.code).toBe('KATA_ENGINE_STRAY_DROP_IN');
    expect(error.message).toContain(stray);
  });
});
