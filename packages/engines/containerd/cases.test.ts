/** Issue 12.3 and 12.4: foreign configurations that an installation must not harm, from `tests/fixtures/cases`. */
import type { HostPath } from '@kata/host';
import { KataError } from '@kata/core';
import { describe, expect, test } from 'vitest';
import {
  edit,
  gone,
  machine,
  main,
  own,
  qemu,
  refusal,
  runcOptions,
  runtime,
  served,
  shared,
  text,
  textAt,
} from './testkit/case-machines.ts';
import { Trial } from '../conformance/trial.ts';
import { tested } from './testkit/conformance-machines.ts';
import { effectiveConfig } from './effective-config.ts';
import { type ContainerdFacts, containerd } from './index.ts';
import { location } from './location.ts';

describe('case 01-aks-mixed-names (issue 12.4)', () => {
  test.each(['.', 'with-imports', 'control-only-images'])(
    'handlers go into the section that the files really use: %s',
    async (variant) => {
      for (const version of ['2.0.5', '2.2.1', '2.3.2', '2.4.2']) {
        const trial = new Trial(tested, version, machine(`01-aks-mixed-names/${variant}`));
        const start = trial.tree();

        expect(await trial.step('', qemu)).toEqual([]);
        expect(await served(trial)).toContain('kata-qemu');
        expect(await trial.step('', gone)).toEqual([]);
        expect(trial.tree()).toEqual(start);
      }
    },
  );
  test.each(['2.2.1', '2.4.2'])('an existing handler name is refused on %s', async (version) => {
    const trial = new Trial(tested, version, machine('01-aks-mixed-names/taken'));

    expect(await refusal(trial, qemu)).toMatchObject({ code: 'KATA_ENGINE_HANDLER_TAKEN' });
  });
});

describe('case 02-root-migrated-after-install (issue 12.4)', () => {
  test.each([
    ['keeps our import', 'after/config.toml'],
    ['drops our import', 'after-without-import/config.toml'],
  ])('one run repairs it when a tool migrates the main file and %s', async (_title, after) => {
    for (const version of ['2.0.5', '2.2.1', '2.4.2']) {
      const folder = '02-root-migrated-after-install';
      const trial = new Trial(tested, version, machine(`${folder}/before`));
      await trial.step('', qemu);
      await edit(trial, main, text(`${folder}/${after}`).replaceAll('IMPORT-OF-KATA', own));

      expect(await trial.step('', qemu)).toEqual([]);
      expect(await served(trial)).toContain('kata-qemu');
      expect(runcOptions(await trial.facts())).toEqual({ SystemdCgroup: true });
      expect(await textAt(trial, main)).toContain('/opt/kata/containerd/config.d/*.toml');
      expect(await textAt(trial, own)).toContain(version === '2.4.2' ? 'version = ' : 'version = 3');
    }
  });
});

describe('case 03-neighbour-comes-and-goes (issue 12.4)', () => {
  const gpu: HostPath = '/etc/containerd/conf.d/99-gpu.toml';

  test('on containerd 2.2 a foreign file of schema 3 is added: one run restores our handlers and no active setting is lost', async () => {
    const all = machine('03-neighbour-comes-and-goes');
    const { [gpu]: neighbour = '', ...before } = all;
    const trial = new Trial(tested, '2.2.1', before);
    await trial.step('', qemu);
    await edit(trial, gpu, neighbour);
    const settings = effectiveConfig(await trial.facts()).settings;

    expect(await trial.step('', qemu)).toEqual([]);
    expect(await served(trial)).toEqual(expect.arrayContaining(['gpu', 'kata-qemu']));
    expect(effectiveConfig(await trial.facts()).settings).toEqual(settings);
    expect(await textAt(trial, shared)).toContain('version = 2');
    expect(await textAt(trial, shared)).toContain(`[plugins."${runtime}".containerd.runtimes.kata-qemu]`);

    await trial.host.files.remove(gpu);
    expect(await trial.step('', qemu)).toEqual([]);
    expect(runcOptions(await trial.facts())).toEqual({ SystemdCgroup: true });
    expect(await served(trial)).toContain('kata-qemu');
    expect(await trial.step('', gone)).toEqual([]);
    expect(Object.keys(trial.tree())).toEqual([main]);
  });
  test('a foreign file from before us is removed: settings that our version hid are active again after one run', async () => {
    const trial = new Trial(tested, '2.2.1', machine('03-neighbour-comes-and-goes'));
    expect(await trial.step('', qemu)).toEqual([]);
    await trial.host.files.remove(gpu);

    expect(await trial.step('', qemu)).toEqual([]);
    expect(runcOptions(await trial.facts())).toEqual({ SystemdCgroup: true });
    expect(await served(trial)).toContain('kata-qemu');
  });
});

describe('case 04-drop-in-higher-than-root-2.3 (issue 12.4)', () => {
  test.each([
    ['a-no-version', '2.3.2', 2],
    ['b-version-1', '2.3.2', 1],
    ['c-newer-neighbour', '2.3.2', 4],
    ['a-no-version', '2.4.2', 3],
    ['b-version-1', '2.4.2', 3],
    ['c-newer-neighbour', '2.4.2', 3],
  ])('%s on containerd %s gets a drop-in of schema %i', async (variant, version, schema) => {
    const trial = new Trial(tested, version, machine(`04-drop-in-higher-than-root-2.3/${variant}`));

    expect(await trial.step('', qemu)).toEqual([]);
    expect(await textAt(trial, shared)).toContain(`version = ${schema}\n`);
    expect(await served(trial)).toContain('kata-qemu');
  });
});

describe('case 05-neighbour-bomb (issue 12.3)', () => {
  test.each([
    ['conf.d', '2.3.2', 'above version 2 of'],
    ['conf.d-2.2', '2.2.1', 'its version is above 3'],
    ['conf.d-type', '2.2.1', 'privileged_without_host_devices'],
    ['conf.d-type', '2.4.2', 'is not true or false'],
  ])(
    '%s: a foreign file that containerd %s rejects is named before any change',
    async (dropIns, version, reason) => {
      const trial = new Trial(tested, version, machine('05-neighbour-bomb', `05-neighbour-bomb/${dropIns}`));
      const { code, message } = await judge(trial);

      expect([code, message]).toEqual([
        expect.stringMatching(/^KATA_ENGINE_CONFIG_(SCHEMA|TYPE)$/) as string,
        expect.stringContaining(reason) as string,
      ]);
      expect(message).toContain('/etc/containerd/conf.d/99-gpu.toml');
    },
  );
  test("conf.d-type: our own checks do not refuse what containerd's decoder accepts", async () => {
    const trial = new Trial(tested, '2.4.2', machine('05-neighbour-bomb', '05-neighbour-bomb/conf.d-type'));

    expect(await judge(trial, true)).toEqual({ code: 'none', message: '' });
  });

  const runtimeSection = '[plugins."io.containerd.cri.v1.runtime"]\n';
  test.each([
    [
      '[timeouts]\n"io.containerd.timeout.task.state" = "soon"\n',
      'timeouts."io.containerd.timeout.task.state"',
    ],
    ['[debug]\nlevel = "loud"\n', 'debug.level'],
    ['[debug]\nformat = "xml"\n', 'debug.format'],
    [`${runtimeSection}drain_exec_sync_io_timeout = "x"\n`, 'drain_exec_sync_io_timeout'],
  ])('a value that only the start refuses, not the decoder, is named: %j', async (text, key) => {
    const trial = new Trial(tested, '2.4.2', machine('05-neighbour-bomb'));
    await trial.host.files.write('/etc/containerd/conf.d/99-gpu.toml', Buffer.from(`version = 3\n${text}`));

    const { code, message } = await judge(trial, true);

    expect([code, message]).toEqual(['KATA_ENGINE_CONFIG_TYPE', expect.stringContaining(key) as string]);
    expect(message).toContain('/etc/containerd/conf.d/99-gpu.toml is not ');
  });
  test.each(['1h2m3.5s', '0', '.5s', '-2ms'])("a duration in Go's format is accepted: %s", async (text) => {
    const trial = new Trial(tested, '2.4.2', machine('05-neighbour-bomb'));
    const file = `version = 3\n[timeouts]\n"a" = "${text}"\n[debug]\nlevel = "INFO"\nformat = ""\n`;
    await trial.host.files.write('/etc/containerd/conf.d/99-gpu.toml', Buffer.from(file));

    expect(await judge(trial, true)).toEqual({ code: 'none', message: '' });
  });

  async function judge(
    trial: Trial<ContainerdFacts>,
    isLoaded = false,
  ): Promise<{ readonly code: string; readonly message: string }> {
    const context = { location, prefix: '/opt/kata', suffix: '', owned: [] } as const;
    const facts = await trial.facts();
    try {
      const edits = containerd.planEdits(facts, qemu.handlers, context);
      containerd.refuseHarm(facts, edits, qemu.handlers, context, isLoaded);
      return { code: 'none', message: '' };
    } catch (error) {
      if (error instanceof KataError) return error;
      throw error;
    }
  }
});
