/** Issue 12.3 to 12.6: configurations of others that an installation of ours must not harm, from `tests/fixtures/cases`. */
import { readdirSync, readFileSync } from 'node:fs';
import type { HostPath } from '@kata/host';
import { KataError } from '@kata/core';
import { describe, expect, test } from 'vitest';
import { someHandlers, Trial, type Wish } from '../conformance/trial.ts';
import { tested } from './conformance-machines.ts';
import { effectiveConfig } from './effective-config.ts';
import { type ContainerdFacts, containerd } from './index.ts';

const cases = new URL('../../../tests/fixtures/cases/', import.meta.url);
const main: HostPath = '/etc/containerd/config.toml';
const shared: HostPath = '/etc/containerd/conf.d/kata-deploy.toml';
const own: HostPath = '/opt/kata/containerd/config.d/kata-deploy.toml';
const runtime = 'io.containerd.cri.v1.runtime';
const qemu: Wish = { handlers: someHandlers(['kata-qemu']) };
const gone: Wish = { handlers: [] };

const text = (path: string): string => readFileSync(new URL(path, cases), 'utf8');

/** The main file and all of `conf.d` of a folder of a case. */
function machine(folder: string, dropIns = `${folder}/conf.d`): Record<HostPath, string> {
  const files: Record<HostPath, string> = { [main]: text(`${folder}/config.toml`) };
  for (const name of namesIn(dropIns)) {
    files[`/etc/containerd/conf.d/${name}`] = text(`${dropIns}/${name}`);
  }
  return files;
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(new URL(folder, cases));
  } catch {
    return [];
  }
}

async function textAt(trial: Trial<ContainerdFacts>, path: HostPath): Promise<string> {
  return (await trial.host.files.read(path))?.toString() ?? '';
}

async function edit(trial: Trial<ContainerdFacts>, path: HostPath, content: string): Promise<void> {
  await trial.host.files.write(path, Buffer.from(content));
}

async function served(trial: Trial<ContainerdFacts>): Promise<readonly string[]> {
  return Object.keys(effectiveConfig(await trial.facts()).handlers);
}

/** What refuses it; all must be as before. */
async function refusal(trial: Trial<ContainerdFacts>, wish: Wish): Promise<KataError> {
  const before = trial.tree();
  const error: unknown = await trial.turn('', wish).catch((reason: unknown) => reason);
  expect(trial.tree()).toEqual(before);
  if (error instanceof KataError) return error;
  throw new Error(`not refused: ${JSON.stringify(error)}`);
}

describe('case 01-aks-mixed-names (issue 12.4)', () => {
  test.each(['.', 'with-imports', 'control-only-images'])(
    'handlers stand in the section that the files really use: %s',
    async (variant) => {
      for (const version of ['2.0.5', '2.2.1', '2.3.2', '2.4.2']) {
        const trial = new Trial(tested, version, machine(`01-aks-mixed-names/${variant}`));
        const start = trial.tree();

        expect(await trial.turn('', qemu)).toEqual([]);
        expect(await served(trial)).toContain('kata-qemu');
        expect(await trial.turn('', gone)).toEqual([]);
        expect(trial.tree()).toEqual(start);
      }
    },
  );
  test.each(['2.2.1', '2.4.2'])('a name that is taken is refused on %s', async (version) => {
    const trial = new Trial(tested, version, machine('01-aks-mixed-names/taken'));

    expect(await refusal(trial, qemu)).toMatchObject({ code: 'KATA_ENGINE_HANDLER_TAKEN' });
  });
});

describe('case 02-root-migrated-after-install (issue 12.4)', () => {
  test.each([
    ['keeps our import', 'after/config.toml'],
    ['drops our import', 'after-without-import/config.toml'],
  ])('one run heals when a tool migrates the main file and %s', async (_title, after) => {
    for (const version of ['2.0.5', '2.2.1', '2.4.2']) {
      const folder = '02-root-migrated-after-install';
      const trial = new Trial(tested, version, machine(`${folder}/before`));
      await trial.turn('', qemu);
      await edit(trial, main, text(`${folder}/${after}`).replaceAll('IMPORT-OF-KATA', own));

      expect(await trial.turn('', qemu)).toEqual([]);
      expect(await served(trial)).toContain('kata-qemu');
      expect(runcOptions(await trial.facts())).toEqual({ SystemdCgroup: true });
      expect(await textAt(trial, main)).toContain('/opt/kata/containerd/config.d/*.toml');
      expect(await textAt(trial, own)).toContain(version === '2.4.2' ? 'version = ' : 'version = 3');
    }
  });
});

describe('case 03-neighbour-comes-and-goes (issue 12.4)', () => {
  const gpu: HostPath = '/etc/containerd/conf.d/99-gpu.toml';

  test('on containerd 2.2 a neighbour of schema 3 comes: one run serves us and nobody loses what was in force', async () => {
    const all = machine('03-neighbour-comes-and-goes');
    const { [gpu]: neighbour = '', ...before } = all;
    const trial = new Trial(tested, '2.2.1', before);
    await trial.turn('', qemu);
    await edit(trial, gpu, neighbour);
    const settings = effectiveConfig(await trial.facts()).settings;

    expect(await trial.turn('', qemu)).toEqual([]);
    expect(await served(trial)).toEqual(expect.arrayContaining(['gpu', 'kata-qemu']));
    expect(effectiveConfig(await trial.facts()).settings).toEqual(settings);
    expect(await textAt(trial, shared)).toContain('version = 2');
    expect(await textAt(trial, shared)).toContain(`[plugins."${runtime}".containerd.runtimes.kata-qemu]`);

    await trial.host.files.remove(gpu);
    expect(await trial.turn('', qemu)).toEqual([]);
    expect(runcOptions(await trial.facts())).toEqual({ SystemdCgroup: true });
    expect(await served(trial)).toContain('kata-qemu');
    expect(await trial.turn('', gone)).toEqual([]);
    expect(Object.keys(trial.tree())).toEqual([main]);
  });
  test('a neighbour that was there before us goes: what our version hid is in force again after one run', async () => {
    const trial = new Trial(tested, '2.2.1', machine('03-neighbour-comes-and-goes'));
    expect(await trial.turn('', qemu)).toEqual([]);
    await trial.host.files.remove(gpu);

    expect(await trial.turn('', qemu)).toEqual([]);
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

    expect(await trial.turn('', qemu)).toEqual([]);
    expect(await textAt(trial, shared)).toContain(`version = ${schema}\n`);
    expect(await served(trial)).toContain('kata-qemu');
  });
});

describe('case 05-neighbour-bomb (issue 12.3)', () => {
  test.each([
    ['conf.d', '2.3.2', 'above the 2 of'],
    ['conf.d-2.2', '2.2.1', 'its version is above 3'],
    ['conf.d-type', '2.2.1', 'privileged_without_host_devices'],
    ['conf.d-type', '2.4.2', 'is not true or false'],
  ])(
    "%s: a neighbour's file that containerd %s rejects is named before any change",
    async (dropIns, version, says) => {
      const trial = new Trial(tested, version, machine('05-neighbour-bomb', `05-neighbour-bomb/${dropIns}`));
      const { code, message } = await judge(trial);

      expect([code, message]).toEqual([
        expect.stringMatching(/^KATA_ENGINE_CONFIG_(SCHEMA|TYPE)$/) as string,
        expect.stringContaining(says) as string,
      ]);
      expect(message).toContain('/etc/containerd/conf.d/99-gpu.toml');
    },
  );
  test('conf.d-type: what its own decoder accepts is not refused by our reading of it', async () => {
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
  ])('what only its start refuses, and its decoder does not, is named: %j', async (text, key) => {
    const trial = new Trial(tested, '2.4.2', machine('05-neighbour-bomb'));
    await trial.host.files.write('/etc/containerd/conf.d/99-gpu.toml', Buffer.from(`version = 3\n${text}`));

    const { code, message } = await judge(trial, true);

    expect([code, message]).toEqual(['KATA_ENGINE_CONFIG_TYPE', expect.stringContaining(key) as string]);
    expect(message).toContain('/etc/containerd/conf.d/99-gpu.toml is not ');
  });
  test.each(['1h2m3.5s', '0', '.5s', '-2ms'])(
    'a duration as Go writes it is none of them: %s',
    async (text) => {
      const trial = new Trial(tested, '2.4.2', machine('05-neighbour-bomb'));
      const file = `version = 3\n[timeouts]\n"a" = "${text}"\n[debug]\nlevel = "INFO"\nformat = ""\n`;
      await trial.host.files.write('/etc/containerd/conf.d/99-gpu.toml', Buffer.from(file));

      expect(await judge(trial, true)).toEqual({ code: 'none', message: '' });
    },
  );

  async function judge(
    trial: Trial<ContainerdFacts>,
    isLoaded = false,
  ): Promise<{ readonly code: string; readonly message: string }> {
    const context = { prefix: '/opt/kata', suffix: '', owned: [] } as const;
    const facts = await trial.facts();
    try {
      const edits = containerd.planEdits(facts, qemu.handlers, context);
      containerd.refuseHarm?.(facts, edits, qemu.handlers, context, isLoaded);
      return { code: 'none', message: '' };
    } catch (error) {
      if (error instanceof KataError) return error;
      throw error;
    }
  }
});

function runcOptions(facts: ContainerdFacts): unknown {
  const { runc } = effectiveConfig(facts).handlers;
  return Object(runc)['options'];
}

describe('a plan is judged before its first change (issue 12.3, 12.6)', () => {
  const context = { prefix: '/opt/kata', suffix: '', owned: [], known: qemu.handlers } as const;
  const table = `plugins."${runtime}".containerd`;

  async function judge(trial: Trial<ContainerdFacts>, wish: Wish): Promise<unknown> {
    const facts = await trial.facts();
    const edits = containerd.planEdits(facts, wish.handlers, context);
    try {
      containerd.refuseHarm?.(facts, edits, wish.handlers, context);
      return 'good';
    } catch (error) {
      return error instanceof KataError ? [error.code, error.message, error.hint] : error;
    }
  }

  describe('case 08-default-runtime-is-kata (issue 12.3)', () => {
    const both: Wish = { handlers: someHandlers(['kata-qemu', 'kata-clh']) };

    test.each([
      ['2.2.1', 'schema3'],
      ['2.4.2', 'schema3'],
      ['1.7.30', 'schema2'],
    ])('on %s a removal, or other shims, that take the default of %s along', async (version, schema) => {
      const folder = `08-default-runtime-is-kata/${schema}`;
      const trial = new Trial(tested, version, machine(folder));
      await trial.turn('', both);
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

    test("the default that stands in somebody else's drop-in", async () => {
      const folder = '08-default-runtime-is-kata';
      const trial = new Trial(tested, '2.4.2', {
        [`/etc/containerd/conf.d/20-default.toml`]: text(`${folder}/foreign-drop-in/conf.d/20-default.toml`),
        [main]: `imports = ['/etc/containerd/conf.d/*.toml']\n${text(`${folder}/schema3/config.toml`)}`,
      });
      await trial.turn('', both);

      expect(await judge(trial, qemu)).toEqual([
        'KATA_ENGINE_DEFAULT_RUNTIME',
        expect.stringContaining('default_runtime_name in /etc/containerd/conf.d/20-default.toml is kata-clh'),
        expect.any(String),
      ]);
    });
  });
  test("a removal is refused while a neighbour's file keeps the engine from starting", async () => {
    const trial = new Trial(tested, '2.2.1', machine('05-neighbour-bomb', 'none'));
    await trial.turn('', qemu);
    await edit(trial, '/etc/containerd/conf.d/99-gpu.toml', 'version = 9\n');

    expect(await judge(trial, gone)).toMatchObject(['KATA_ENGINE_CONFIG_SCHEMA', {}, {}]);
  });
  test('a file of others that changes a handler of ours is named', async () => {
    const trial = new Trial(tested, '2.4.2', machine('04-drop-in-higher-than-root-2.3/a-no-version'));
    await edit(
      trial,
      '/etc/containerd/conf.d/zz.toml',
      `version = 3\n[${table}.runtimes.kata-qemu.options]\nConfigPath = "/x.toml"\n`,
    );

    expect(await judge(trial, qemu)).toEqual([
      'KATA_ENGINE_HANDLER_TAKEN',
      '/etc/containerd/conf.d/zz.toml changes the handler kata-qemu, which is of this installation: it sets options',
      expect.stringContaining('remove the handler kata-qemu'),
    ]);
  });
  test('what was foreseen is what is there after the edits', async () => {
    const trial = new Trial(tested, '2.2.1', machine('03-neighbour-comes-and-goes'));
    const facts = await trial.facts();
    const foreseen = containerd.foresee?.(facts, containerd.planEdits(facts, qemu.handlers, context));
    await trial.turn('', qemu);

    expect(foreseen).toMatchObject({ files: (await trial.facts()).files, problems: [] });
  });
});

describe('what an administrator wrote by himself stays his (issue 12.5)', () => {
  const table = (plugin: string): string => `plugins."${plugin}".containerd.runtimes`;
  /** As one writes it who copied ours, under another name. */
  const his = (plugin: string): string => `
[${table(plugin)}.special]
runtime_type = "io.containerd.kata-qemu.v2"
runtime_path = "/opt/kata/bin/containerd-shim-kata-v2"
privileged_without_host_devices = true
pod_annotations = ["io.katacontainers.*"]
[${table(plugin)}.special.options]
ConfigPath = "/opt/kata/share/defaults/kata-containers/configuration-kata-qemu.toml"
`;
  const context = { prefix: '/opt/kata', suffix: '', owned: [] } as const;
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

    for (const wish of [qemu, { handlers: someHandlers(['kata-clh']) }]) {
      expect(await trial.turn('', wish)).toEqual([]);
      expect(await textAt(trial, place)).toContain(his(plugin));
    }
    const facts = await trial.facts();
    expect(containerd.findHandlers?.(facts, context)?.map(({ name }) => name)).toEqual(['kata-clh']);
    expect(containerd.findOthers?.(facts, context)).toEqual([
      { name: 'special', file: place, shimPath, usesOurFiles: true },
    ]);
    expect(await trial.turn('', gone)).toEqual([]);
    expect(trial.tree()).toEqual(start);
  });
  test('also where he put it into the file of our handlers', async () => {
    const trial = new Trial(tested, '2.2.1', { [main]: 'version = 3\n' });
    await trial.turn('', qemu);
    await edit(trial, own, `${await textAt(trial, own)}${his(runtime)}`);

    expect(await trial.turn('', { handlers: someHandlers(['kata-clh']) })).toEqual([]);
    expect(await textAt(trial, own)).toContain(his(runtime));
  });
  test.each(['kata-qemu-big', 'kata-qemu-other'])('also as %s, with our type of that name', async (name) => {
    const text = `version = 3\n${his(runtime)
      .replaceAll('special', name)
      .replace('io.containerd.kata-qemu.v2', `io.containerd.${name}.v2`)
      .replace('configuration-kata-qemu.toml', 'runtimes/qemu/configuration-qemu.toml')}`;
    const trial = new Trial(tested, '2.2.1', { [main]: text });

    expect(await trial.turn('', { handlers: someHandlers(['kata-clh']) })).toEqual([]);
    expect(await textAt(trial, main)).toContain(`runtimes.${name}]`);
    expect(containerd.findOthers?.(await trial.facts(), context)).toEqual([
      { name, file: main, shimPath, usesOurFiles: true },
    ]);
  });
  test('one of a name of ours is refused before any change', async () => {
    const text = `version = 3\n${his(runtime).replaceAll('special', 'kata-clh')}`;
    const trial = new Trial(tested, '2.2.1', { [main]: text });
    const error = await refusal(trial, { handlers: someHandlers(['kata-clh']) });

    expect([error.code, error.message]).toEqual([
      'KATA_ENGINE_HANDLER_TAKEN',
      `${main} defines the handler kata-clh by itself`,
    ]);
  });
});

describe('our drop-ins are imported by a pattern (issue 12.6)', () => {
  test.each(['2.0.5', '2.2.1', '2.4.2'])('a folder that is gone stops nobody on %s', async (version) => {
    const trial = new Trial(tested, version, { [main]: 'version = 2\n' });
    await trial.turn('', qemu);
    await trial.host.files.removeTree('/opt/kata');

    expect((await trial.facts()).problems).toEqual([]);
    expect(await trial.turn('', qemu)).toEqual([]);
    expect(await served(trial)).toContain('kata-qemu');
  });
  test('a literal import of an earlier version gives way to it, and so it goes in the end', async () => {
    const trial = new Trial(tested, '2.2.1', { [main]: 'version = 3\n' });
    const start = trial.tree();
    await trial.turn('', qemu);
    const pattern = '/opt/kata/containerd/config.d/*.toml';
    await edit(trial, main, (await textAt(trial, main)).replace(pattern, own));

    expect(await trial.turn('', qemu)).toEqual([]);
    expect(await textAt(trial, main)).toContain(`imports = ["${pattern}"] # by kata-deploy`);
    expect(await trial.turn('', gone)).toEqual([]);
    expect(trial.tree()).toEqual(start);
  });
  test('a file of somebody else among them, which nobody reads today, is named first', async () => {
    const stray = '/opt/kata/containerd/config.d/mine.toml';
    const trial = new Trial(tested, '2.2.1', { [main]: 'version = 3\n', [stray]: 'version = 2\n' });
    const error = await refusal(trial, qemu);

    expect(error.code).toBe('KATA_ENGINE_STRAY_DROP_IN');
    expect(error.message).toContain(stray);
  });
});
