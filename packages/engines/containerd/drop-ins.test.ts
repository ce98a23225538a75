import type { HostPath } from '@kata/host';
import { expect, test } from 'vitest';
import { type Desired, someHandlers, Trial } from '../conformance/trial.ts';
import type { FileEdit } from '../contract.ts';
import {
  edit,
  gone,
  main,
  own,
  qemuAndClh,
  served,
  shared,
  textAt,
  textsOf,
} from './testkit/case-machines.ts';
import { tested } from './testkit/conformance-machines.ts';
import { effectiveConfig } from './effective-config.ts';
import type { ContainerdFacts } from './index.ts';

const second: Desired = { handlers: someHandlers(['kata-qemu', 'kata-clh'], 'b') };
const clh: Desired = { handlers: someHandlers(['kata-clh']) };

const pathsOf = (edits: readonly FileEdit[]): readonly HostPath[] => edits.map(({ path }) => path);

/** With the handlers `kata-qemu` and `kata-clh`. */
async function installed(
  version: string,
  files: Readonly<Record<HostPath, string>>,
): Promise<Trial<ContainerdFacts>> {
  const trial = new Trial(tested, version, files);
  expect(await trial.step('', qemuAndClh)).toEqual([]);
  return trial;
}

test('each installation has its own drop-in in the shared directory', async () => {
  const text = 'version = 3\nimports = ["/etc/containerd/*/*.toml"]\n';
  const trial = new Trial(tested, '2.4.2', { [main]: text });

  expect(pathsOf(await trial.plan('b', second))).toEqual(['/etc/containerd/conf.d/kata-deploy-b.toml']);
});

test('two installations share a main file and are removed one after the other', async () => {
  const trial = await installed('1.7.30', { [main]: 'version = 2\n# mine\n' });
  expect(await trial.step('b', second)).toEqual([]);

  expect(await trial.step('', gone)).toEqual([]);
  expect(await served(trial)).toEqual(['runc', 'kata-qemu-b', 'kata-clh-b']);
  expect(await trial.step('b', gone)).toEqual([]);
  expect(await served(trial)).toEqual(['runc']);
});

test('after an upgrade from containerd 1.7 to 2.2 the handlers move from the main file into a drop-in', async () => {
  const trial = await installed('1.7.30', { [main]: 'version = 2\n# mine\n' });
  trial.version = '2.2.1';

  expect(pathsOf(await trial.plan('', qemuAndClh))).toEqual([own, main]);
  expect(await trial.step('', qemuAndClh)).toEqual([]);
  expect(await textAt(trial, main)).toContain('imports');
  expect(await textAt(trial, main)).not.toContain('kata-qemu');

  expect(await trial.step('', gone)).toEqual([]);
  expect(textsOf(trial)).toEqual({ [main]: 'version = 2\n# mine\n' });
});

test('a missing drop-in is restored', async () => {
  const trial = await installed('2.2.1', { [main]: 'version = 3\n' });
  await trial.host.files.remove(own);

  expect(pathsOf(await trial.plan('', qemuAndClh))).toEqual([own]);
  expect((await trial.plan('', gone)).map(({ after }) => after)).toEqual(['version = 3\n']);
});

test('a missing import of the drop-in is restored', async () => {
  const trial = await installed('2.2.1', { [main]: 'version = 3\n' });
  await edit(trial, main, 'version = 3\n');

  expect(pathsOf(await trial.plan('', qemuAndClh))).toEqual([main]);
});

test('keys that an administrator added to a handler stay', async () => {
  const trial = await installed('1.7.30', { [main]: 'version = 2\n' });
  const text = await textAt(trial, main);
  await edit(trial, main, text.replace('"io.containerd.kata-qemu.v2"', '"x"\nsnapshotter = "nydus"'));

  expect(await trial.step('', qemuAndClh)).toEqual([]);

  expect(await textAt(trial, main)).toBe(
    text.replace('kata-qemu.v2"', 'kata-qemu.v2"\nsnapshotter = "nydus"'),
  );
});

test.each([
  { content: 'version = 2\n', versions: ['2.2.1', '2.4.2', '1.7.30'] },
  // Its drop-in has schema 3, which containerd 1.7 cannot read.
  { content: '', versions: ['2.2.1', '2.4.2'] },
])(
  'keys that an administrator added to a handler stay when it moves between main file $content and drop-in',
  async ({ content, versions }) => {
    const trial = await installed('1.7.30', { [main]: content });
    const text = await textAt(trial, main);
    const added = '$1base_runtime_spec = "/b.json"\nsnapshotter = "nydus"\n';
    await edit(trial, main, text.replace(/^(\[.*kata-qemu\].*\n)/m, added));

    for (const version of versions) {
      trial.version = version;
      expect(await trial.step('', qemuAndClh)).toEqual([]);
      // For containers and for images.
      expect((await trial.served()).handlers['kata-qemu']).toMatchObject({
        snapshotter: 'nydus',
        table: [{ base_runtime_spec: '/b.json' }, {}],
      });
    }

    expect(await trial.step('', gone)).toEqual([]);
    expect(textsOf(trial)).toEqual({ [main]: content });
  },
);

test('a platform that an administrator added for a handler stays', async () => {
  const trial = await installed('2.2.1', { [main]: 'version = 3\n' });
  const platform = `\n[plugins.'io.containerd.cri.v1.images'.runtime_platforms.kata-clh]\nsnapshotter = "zfs" # by ops\n`;
  await edit(trial, own, `${await textAt(trial, own)}${platform}`);

  expect(await trial.step('', clh)).toEqual([]);
  expect(await trial.step('', { ...clh, debug: true })).toEqual([]);
  expect(await textAt(trial, own)).toContain(platform);

  expect(await trial.step('', gone)).toEqual([]);
  expect(textsOf(trial)).toEqual({ [main]: 'version = 3\n' });
});

test('keys that an administrator added to a handler move with our drop-in', async () => {
  const trial = await installed('2.2.1', { [main]: 'version = 3\n' });
  const text = await textAt(trial, own);
  await edit(trial, own, text.replace(/^(\[.*kata-qemu\]\n)/m, '$1base_runtime_spec = "/b.json"\n'));
  const imports = 'imports = ["/etc/containerd/conf.d/*.toml", "/opt/kata/containerd/config.d/*.toml"]\n';
  await edit(trial, main, `version = 3\n${imports}`);

  expect(await trial.step('', qemuAndClh)).toEqual([]);
  expect(await textAt(trial, own)).toBe('');
  expect((await trial.served()).handlers['kata-qemu']?.table).toMatchObject([
    { base_runtime_spec: '/b.json' },
    {},
  ]);
});

test('foreign entries in our drop-in stay, and so does the file', async () => {
  const confD = { [main]: 'version = 3\nimports = ["/etc/containerd/conf.d/*.toml"]\n' };
  const trial = await installed('2.4.2', confD);
  const added = `\n[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.theirs]\nruntime_type = "t"\n`;
  await edit(trial, shared, `${await textAt(trial, shared)}${added}`);

  expect(await trial.step('', clh)).toEqual([]);
  expect(await trial.step('', gone)).toEqual([]);

  expect(textsOf(trial)).toEqual({
    ...confD,
    [shared]: `# Written by kata-deploy, which keeps what others add.\nversion = 3\n${added}`,
  });
});

test('a foreign file that only adds a key to our handler is accepted', async () => {
  const text =
    'version = 3\n[plugins."io.containerd.cri.v1.runtime".containerd.runtimes.kata-qemu]\nsnapshotter = "nydus"\n';
  const trial = await installed('2.2.1', { [main]: text });

  expect(effectiveConfig(await trial.facts()).handlers['kata-qemu']).toMatchObject({
    snapshotter: 'nydus',
    runtime_path: '/opt/kata/bin/containerd-shim-kata-v2',
  });
});
