import { KataError } from '@kata/core';
import type { HostPath } from '@kata/host';
import { MemoryHost } from '@kata/host/memory';
import { expect, test } from 'vitest';
import { someHandlers, Trial, type Desired } from '../conformance/trial.ts';
import { tested } from './testkit/conformance-machines.ts';
import { effectiveConfig } from './effective-config.ts';
import { type ContainerdFacts, containerd } from './index.ts';
import { location } from './location.ts';

const main: HostPath = '/etc/containerd/config.toml';
const own: HostPath = '/opt/kata/containerd/config.d/kata-deploy.toml';
const user: HostPath = '/opt/kata/containerd/config.d/zz-kata-deploy-user.toml';
const cri2 = 'plugins."io.containerd.grpc.v1.cri".containerd';
const qemu = someHandlers(['kata-qemu']);
const versions = ['1.6.20', '1.7.30', '2.0.5', '2.1.4', '2.2.1', '2.3.0', '2.4.2'] as const;

const mine = (text: string): Desired => ({ handlers: qemu, userDropIn: { text, source: '/mine.toml' } });

async function textAt(trial: Trial<ContainerdFacts>, path: HostPath): Promise<string | undefined> {
  return (await trial.host.files.read(path))?.toString();
}

async function refusal(action: Promise<unknown>): Promise<unknown> {
  const error = await action.catch((reason: unknown) => reason);
  return error instanceof KataError ? [error.code, error.message, error.hint] : error;
}

test.each(versions)('containerd %s with all options', async (version) => {
  const isOld = version.startsWith('1.');
  const schema = isOld ? 2 : 3;
  const trial = new Trial(tested, version, { [main]: `version = ${schema}\n[debug]\nlevel = "info"\n` });
  const snapshotter = version.startsWith('1.6') ? undefined : 'nydus-for-kata-tee';
  await trial.step('', {
    handlers: someHandlers(['kata-qemu', 'untrusted'], '', snapshotter),
    debug: true,
    userDropIn: isOld
      ? undefined
      : { text: `version = ${schema}\n[timeouts]\nx = "5s"\n`, source: '/mine.toml' },
  });

  const { handlers, settings } = effectiveConfig(await trial.facts());
  expect({ tree: Object.keys(trial.tree()), handlers, settings }).toMatchSnapshot();
});

test('a snapshotter is also set for image pulls, and keys next to it stay', async () => {
  const foreign =
    '[plugins."io.containerd.cri.v1.images".runtime_platforms.kata-qemu]\nplatform = "linux/amd64"\n';
  const trial = new Trial(tested, '2.2.1', { [main]: `version = 3\n${foreign}` });
  const start = trial.tree();

  expect(await trial.step('', { handlers: someHandlers(['kata-qemu', 'kata-clh'], '', 'nydus') })).toEqual(
    [],
  );
  expect(effectiveConfig(await trial.facts()).settings).toEqual({
    plugins: {
      'io.containerd.cri.v1.images': {
        runtime_platforms: {
          'kata-qemu': { platform: 'linux/amd64', snapshotter: 'nydus' },
          'kata-clh': { snapshotter: 'nydus' },
        },
      },
    },
  });
  expect(await trial.step('', { handlers: qemu })).toEqual([]);
  expect(await textAt(trial, own)).not.toContain('nydus');
  expect(await trial.step('', { handlers: [] })).toEqual([]);
  expect(trial.tree()).toEqual(start);
});

test('an unused snapshotter is removed also from a file that another program has edited', async () => {
  const trial = new Trial(tested, '1.7.30', { [main]: 'version = 2\n' });
  await trial.step('', { handlers: someHandlers(['kata-qemu'], '', 'nydus') });
  await trial.host.files.write(main, Buffer.from(`# mine\n${(await textAt(trial, main)) ?? ''}`));

  expect(await trial.step('', { handlers: qemu })).toEqual([]);
  expect(await textAt(trial, main)).not.toContain('nydus');
  expect(await trial.step('', { handlers: [] })).toEqual([]);
  expect(await textAt(trial, main)).toBe('# mine\nversion = 2\n');
});

test('a snapshotter is refused on containerd 1.6', async () => {
  const trial = new Trial(tested, '1.6.33', { [main]: 'version = 2\n' });

  expect(await refusal(trial.step('', { handlers: someHandlers(['kata-qemu'], '', 'nydus') }))).toEqual([
    'KATA_ENGINE_SNAPSHOTTER',
    'containerd 1.6.33 supports only one snapshotter for all handlers, but one is set for kata-qemu',
    'use containerd 1.7 or newer, or unset the snapshotter',
  ]);
});

test('an in-place log level names its installations, and is restored after the last one, even in an edited file', async () => {
  const trial = new Trial(tested, '1.7.30', { [main]: 'version = 2\n[debug]\n  level = "info" # ops\n' });
  const level = async (): Promise<string | undefined> =>
    (await textAt(trial, main))?.split('\n').find((line) => line.includes('level'));

  await trial.step('', { handlers: qemu, debug: true });
  expect(await level()).toBe(
    '  level = "debug" # ops # by kata-deploy for kata-deploy; before:   level = "info" # ops',
  );
  await trial.step('b', { handlers: someHandlers(['kata-qemu'], 'b'), debug: true });
  await trial.host.files.write(main, Buffer.from(`# mine\n${(await textAt(trial, main)) ?? ''}`));
  await trial.step('', { handlers: qemu });
  expect(await level()).toContain('by kata-deploy for kata-deploy-b; before');
  await trial.step('b', { handlers: [] });
  expect(await level()).toBe('  level = "info" # ops');
});

test.each([
  ['trace', '1.7.30', 2],
  ['TRACE', '2.2.1', 3],
  ['trace', '2.4.2', 3],
  ['debug', '2.4.2', 3],
])(
  'an existing level %s stays on containerd %s, and nothing is added to it',
  async (level, version, schema) => {
    const imports = 'imports = ["/etc/containerd/conf.d/*.toml"]';
    const file: HostPath = '/etc/containerd/conf.d/0-theirs.toml';
    const theirs = `version = ${schema}\n[debug]\nlevel = "${level}"\n`;
    const trial = new Trial(tested, version, { [main]: `version = ${schema}\n${imports}\n`, [file]: theirs });

    for (const suffix of ['', 'b']) {
      expect(
        await trial.step(suffix, { handlers: someHandlers(['kata-qemu'], suffix), debug: true }),
      ).toEqual([]);
      expect((await trial.served()).logLevel).toBe(level);
    }
    expect(JSON.stringify(trial.tree())).not.toContain('by kata-deploy for');

    // The level is needed again, first from one installation and then from both.
    await trial.host.files.write(file, Buffer.from(theirs.replace(level, 'warn')));
    for (const suffix of ['', 'b']) {
      expect(
        await trial.step(suffix, { handlers: someHandlers(['kata-qemu'], suffix), debug: true }),
      ).toEqual([]);
    }
    expect(await trial.step('', { handlers: [] })).toEqual([]);
    expect((await trial.served()).logLevel).toBe(version === '1.7.30' ? 'warn' : 'debug');
  },
);

test('a user drop-in is read after ours and is removed with its setting', async () => {
  const trial = new Trial(tested, '2.2.1', { [main]: 'version = 3\n' });
  const text = 'version = 3\n[proxy_plugins.mine]\naddress = "/m"\n';

  expect(await trial.step('', mine(text))).toEqual([]);
  const pattern = 'imports = ["/opt/kata/containerd/config.d/*.toml"] # by kata-deploy';
  expect(await textAt(trial, main)).toBe(`version = 3\n${pattern}\n`);
  expect(await textAt(trial, user)).toBe(text);
  expect(containerd.configFiles(await trial.facts())).toEqual([main, own, user]);

  expect(await trial.step('', { handlers: qemu })).toEqual([]);
  expect(await textAt(trial, main)).toBe(`version = 3\n${pattern}\n`);
  expect(await textAt(trial, user)).toBeUndefined();
});

test('a foreign file with the name of the user drop-in is restored on removal', async () => {
  const shared: HostPath = '/etc/containerd/conf.d/zz-kata-deploy-user.toml';
  const trial = new Trial(tested, '2.4.2', {
    [main]: 'version = 3\nimports = ["/etc/containerd/conf.d/*.toml"]\n',
    [shared]: 'version = 3\n[timeouts]\na = "1s"\n',
  });
  const start = trial.tree();
  await trial.step('', { handlers: qemu });
  expect((await textAt(trial, shared)) ?? '').toContain('1s');
  await trial.step('', mine('version = 3\n[timeouts]\na = "2s"\n'));
  await trial.step('', { handlers: [] });

  expect(trial.tree()).toEqual(start);
});

const handlerTable = "[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.kata-qemu]\n";

test.each([
  ['1.7.30', 2, 'version = 2\n', 'in containerd 1.7.30 a section in a drop-in replaces the whole section'],
  [
    '2.2.1',
    2,
    'version = 3\n',
    `it has version 3, but this containerd reads all files in the schema of ${main}, which is 2`,
  ],
  [
    '2.0.5',
    3,
    '[plugins.x]\na = 1\n',
    `it has no version, but this containerd reads all files in the schema of ${main}, which is 3`,
  ],
  ['2.4.2', 3, 'version = 9\n', 'it has version 9, but this containerd supports versions up to 4'],
  [
    '2.3.2',
    1,
    'version = 3\n',
    `it has version 3, but containerd 2.3.2 does not start with a version above 1, which ${main} has`,
  ],
  ['2.4.2', 3, 'version = 3\nimports = ["/x"]\n', 'it imports other files'],
  ['2.4.2', 3, 'version = 3\ndisabled_plugins = ["cri"]\n', 'it disables cri'],
  [
    '2.4.2',
    3,
    `version = 3\n${handlerTable}runtime_path = "/x"\n`,
    'it sets plugins."io.containerd.cri.v1.runtime".containerd.runtimes.kata-qemu.runtime_path, which Kata sets',
  ],
  [
    '2.4.2',
    3,
    `version = 3\n${handlerTable}options.ConfigPath = "/x"\n`,
    'it sets plugins."io.containerd.cri.v1.runtime".containerd.runtimes.kata-qemu.options.ConfigPath, which Kata sets',
  ],
])('containerd %s with schema %i refuses the drop-in %j', async (version, schema, text, reason) => {
  const trial = new Trial(tested, version, { [main]: `version = ${schema}\n` });

  expect(await refusal(trial.step('', mine(text)))).toEqual([
    'KATA_ENGINE_USER_DROP_IN',
    `/mine.toml cannot be used as a drop-in: ${reason}`,
    expect.stringContaining('CONTAINERD_USER_DROP_IN_SOURCE_FILE'),
  ]);
});

test('a drop-in may add keys to our handlers', async () => {
  const trial = new Trial(tested, '2.4.2', { [main]: 'version = 3\n' });

  expect(await trial.step('', mine(`version = 3\n${handlerTable}cgroup_writable = true\n`))).toEqual([]);
  expect(effectiveConfig(await trial.facts()).handlers['kata-qemu']).toMatchObject({
    cgroup_writable: true,
    runtime_path: '/opt/kata/bin/containerd-shim-kata-v2',
  });
});

test.each([
  ['1.7.30', `[${cri2}.runtimes.untrusted]\nruntime_type = "u"\n`],
  ['1.7.30', `[${cri2}.untrusted_workload_runtime]\nruntime_type = "u"\n`],
  ['2.2.1', `[${cri2}.runtimes.untrusted]\nruntime_type = "u"\n`],
])("containerd %s keeps an administrator's runtime for untrusted pods", async (version, text) => {
  const trial = new Trial(tested, version, { [main]: `version = 2\n${text}` });

  expect(await refusal(trial.step('', { handlers: someHandlers(['untrusted']) }))).toEqual([
    'KATA_ENGINE_HANDLER_TAKEN',
    expect.stringContaining('untrusted'),
    expect.stringContaining(main),
  ]);
  expect(await trial.step('', { handlers: qemu })).toEqual([]);
});

test.each([
  [['/usr/bin/containerd'], 'config.toml', undefined],
  [['/usr/bin/containerd', '--config', '/etc/containerd/k8s.toml'], 'k8s.toml', undefined],
  [['/usr/bin/containerd', '-c=/etc/containerd/k8s.toml'], 'k8s.toml', undefined],
  [['/usr/bin/containerd'], 'k8s.toml', 'starts containerd with /etc/containerd/config.toml, not with'],
  [
    ['/usr/bin/containerd', '-c', '/srv/c.toml'],
    'config.toml',
    'starts containerd with /srv/c.toml, not with',
  ],
  [undefined, 'k8s.toml', undefined],
])('a unit with the command %j and the file %s', async (command, configFileName, problem) => {
  const units = { 'containerd.service': { active: 'active', startedAtMs: 1, command } };
  const host = new MemoryHost({ units });
  const context = { location, prefix: '/opt/kata', suffix: '', owned: [], configFileName } as const;
  const facts = await containerd.probe(host, '2.2.1', context);
  const plan = (): readonly HostPath[] => containerd.planEdits(facts, qemu, context).map(({ path }) => path);

  if (problem === undefined) expect(plan()).toEqual([own, `/etc/containerd/${configFileName}`]);
  else {
    expect(plan).toThrow(
      expect.objectContaining({
        code: 'KATA_ENGINE_CONFIG_UNREAD',
        message: expect.stringContaining(problem) as string,
      }) as Error,
    );
  }
});
