import { createWriteStream } from 'node:fs';
import { mkdir, mkdtempDisposable, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createZstdCompress } from 'node:zlib';
import { archiveName, describePayload, openPayload, type Payload, payloadFile } from '@kata/artifacts';
import { KataError } from '@kata/core';
import { systemError } from '@kata/host';
import { type MemoryChange, MemoryHost } from '@kata/host/memory';
import { type LayerEntry, packLayer } from '@kata/oci';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Installation } from './installation.ts';
import type { Settings } from '@kata/settings';
import { someSettings } from '../testkit/some-settings.ts';

const main = '/etc/containerd/config.toml';
const mainText = `version = 2   # ours
[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
\truntime_type = "io.containerd.runc.v2"\t# keep
`;
const unit = 'containerd.service';

const settings = (...names: readonly string[]): Settings => someSettings(names);

class Crash extends Error {}

interface NodeOptions {
  readonly version?: string;
  /** Throws before this change, counted from 0. */
  readonly crashAt?: number;
  readonly freeBytes?: number;
}

/** A node whose engine serves what its files said when it was started last. */
class TestNode {
  readonly host: MemoryHost;
  changes = 0;
  crashAt: number | undefined;
  breaksAtRestart = false;
  /** Which changes end with an error of the disk. */
  fails: (change: MemoryChange) => boolean = () => false;
  failed = false;
  readonly #version: string;
  #served: readonly string[] = [];

  constructor(options: NodeOptions = {}) {
    this.#version = options.version ?? '2.2.1';
    this.crashAt = options.crashAt;
    const { freeBytes } = options;
    this.host = new MemoryHost({
      ...(freeBytes === undefined ? {} : { freeBytes }),
      files: { [main]: { content: mainText, mode: 0o640 }, '/opt/cni/bin': { directory: true } },
      units: { [unit]: { active: 'active', startedAtMs: new Date('2026-01-01T00:00:00Z').getTime() } },
      beforeChange: (change) => {
        if (this.changes === this.crashAt) throw new Crash();
        this.changes += 1;
        if (!this.fails(change)) return;
        this.failed = true;
        throw systemError('EIO', 'write', change.path);
      },
      onRestart: async () => {
        this.host.advance(1000);
        if (this.breaksAtRestart) {
          this.breaksAtRestart = false;
          throw new Error('the engine did not come back');
        }
        this.#served = await this.#configured();
      },
    });
  }

  installation(wanted: Settings): Installation {
    return new Installation({
      reserveBytes: 64,
      host: this.host,
      settings: wanted,
      engine: { version: async () => this.#version, servedHandlers: async () => this.#served },
      emit: () => undefined,
    });
  }

  /** Returns the sandboxes that it waits for. */
  async remove(wanted: Settings): Promise<readonly string[]> {
    const installation = this.installation(wanted);
    return (await installation.remove(await installation.planRemoval())).map(({ id }) => id);
  }

  get restarts(): number {
    return this.host.units.restarts.length;
  }

  tree(): Readonly<Record<string, string>> {
    const { '/run': _, ...tree } = this.host.files.snapshot('/');
    // Times are in them.
    return Object.fromEntries(Object.entries(tree).filter(([path]) => !path.startsWith('/run')));
  }

  async #configured(): Promise<readonly string[]> {
    const text = (await this.host.files.read(main))?.toString() ?? '';
    const imported = [...text.matchAll(/"(\/[^"]+\.toml)"/g)].map((match) => match[1] as `/${string}`);
    const texts = [text];
    for (const path of imported) {
      const folder = path.slice(0, path.lastIndexOf('/')) as `/${string}`;
      const names = path.endsWith('*.toml') ? await this.host.files.list(folder) : [];
      const files = names.length === 0 ? [path] : names.map((name) => `${folder}/${name}` as const);
      for (const file of files) texts.push((await this.host.files.read(file))?.toString() ?? '');
    }
    return [...texts.join('\n').matchAll(/runtimes\.["']?(kata-[a-z-]+)["']?\]/g)].map(
      (match) => match[1] ?? '',
    );
  }
}

let scratch: Awaited<ReturnType<typeof mkdtempDisposable>>;
let first: Payload;
let second: Payload;

beforeAll(async () => {
  scratch = await mkdtempDisposable(join(tmpdir(), 'installer-test-'));
  first = await makePayload('3.24.0', 'kernel one', { info: 'same' });
  second = await makePayload('3.25.0', 'kernel two', { info: 'same' });
});

afterAll(async () => {
  await scratch.remove();
});

async function makePayload(
  version: string,
  kernel: string,
  options: { readonly info: string },
): Promise<Payload> {
  const directory = join(scratch.path, `${version}-${options.info}`);
  await mkdir(join(directory, 'tarballs'), { recursive: true });
  const file = (path: string, content: string, mode = 0o644): LayerEntry => ({
    kind: 'file',
    path: `./opt/kata/${path}`,
    content: Buffer.from(content),
    mode,
  });
  const configuration = (name: string): LayerEntry =>
    file(
      `share/defaults/kata-containers/configuration-${name}.toml`,
      `[hypervisor.${name}]\npath = "/opt/kata/bin/${name}"\nkernel = "/opt/kata/share/vmlinux"\n`,
    );
  const contents: Record<string, readonly LayerEntry[]> = {
    'shim-v2-go': [
      file('bin/containerd-shim-kata-v2', `shim ${version}`, 0o755),
      file('VERSION', `${version}\n`),
      configuration('qemu'),
      configuration('clh'),
      ...(version === '3.24.0' ? [configuration('later')] : []),
    ],
    kernel: [file('share/vmlinux', kernel)],
  };
  for (const name of [
    'kernel-debug',
    'nydus',
    'qemu',
    'cloud-hypervisor',
    'rootfs-image',
    'rootfs-initrd',
    'virtiofsd',
  ]) {
    contents[name] = [file(`share/${name}`, `content of ${name}`)];
  }
  const archives = [];
  for (const [component, entries] of Object.entries(contents)) {
    const path = join(directory, 'tarballs', archiveName(component));
    await pipeline(Readable.from([await packLayer(entries)]), createZstdCompress(), createWriteStream(path));
    archives.push({ component, path });
  }
  const described = describePayload({ version, architecture: 'amd64', archives });
  const digest = Buffer.from(options.info).toString('hex').padEnd(64, '0').slice(0, 64);
  const manifest = { ...described, shimInfo: { 'bin/containerd-shim-kata-v2': digest } };
  await writeFile(join(directory, payloadFile), JSON.stringify(manifest));
  return await openPayload(directory);
}

describe('an installation', () => {
  test('is empty when planned again, and writes and restarts nothing when run again', async () => {
    const node = new TestNode();
    await node.installation(settings('qemu', 'clh')).install(first);
    const { tree, changes, restarts } = { tree: node.tree(), changes: node.changes, restarts: node.restarts };

    const again = await node.installation(settings('qemu', 'clh')).install(first);

    expect(again.plan.actions).toEqual([]);
    expect({ tree: node.tree(), changes: node.changes, restarts: node.restarts }).toEqual({
      tree,
      changes,
      restarts,
    });
    expect(restarts).toBe(1);
  });

  test.each(['1.6.20', '1.7.30', '2.2.1', '2.4.2'])(
    'removed again is the identity on %s',
    async (version) => {
      const node = new TestNode({ version });
      const before = node.tree();
      await node.installation(settings('qemu')).install(first);
      expect(node.tree()).not.toEqual(before);

      expect(await node.remove(settings('qemu'))).toEqual([]);

      expect(node.tree()).toEqual(before);
    },
  );

  test('names the files of its own release', async () => {
    const node = new TestNode();

    const { release } = await node.installation(settings('qemu')).install(first);

    const directory = `/opt/kata/releases/${release}`;
    const folder = '/opt/kata/share/defaults/kata-containers/runtimes/qemu/config.d' as const;
    expect((await node.host.files.read(`${folder}/10-installation-prefix.toml`))?.toString()).toBe(
      `# The files of this release, by their own paths.\n[hypervisor.qemu]\npath = "${directory}/bin/qemu"\nkernel = "${directory}/share/vmlinux"\n`,
    );
  });
});

describe('a file of the release in force', () => {
  const kernel = '/share/vmlinux';
  const inForce = async (): Promise<{ node: TestNode; tree: unknown; path: `/${string}` }> => {
    const node = new TestNode();
    const { release } = await node.installation(settings('qemu')).install(first);
    return { node, tree: node.tree(), path: `/opt/kata/releases/${release}${kernel}` };
  };

  test('that is gone comes back when it is installed again, and all that was generated stays', async () => {
    const { node, tree, path } = await inForce();
    await node.host.files.remove(path);

    await node.installation(settings('qemu')).install(first);

    expect(node.tree()).toEqual(tree);
    expect(node.restarts).toBe(1);
  });

  test('that went bad is written anew by a repair, which costs no restart', async () => {
    const { node, tree, path } = await inForce();
    await node.host.files.write(path, Buffer.from('kernel owe'));

    expect((await node.installation(settings('qemu')).install(first)).plan.actions).toEqual([]);
    await node.installation(settings('qemu')).install(first, { repairs: true });

    expect(node.tree()).toEqual(tree);
    expect(node.restarts).toBe(1);
    expect(
      (await node.installation(settings('qemu')).install(first, { repairs: true })).plan.actions,
    ).toEqual([]);
  });
});

describe('issue 12.14: a repair heals', () => {
  const folder = 'share/defaults/kata-containers';

  test.each([
    ['a configuration that is shipped', `${folder}/configuration-qemu.toml`],
    ['one that is generated', `${folder}/runtimes/qemu/configuration-qemu.toml`],
    ['a drop-in of ours', `${folder}/runtimes/qemu/config.d/10-installation-prefix.toml`],
    ['a program', 'bin/containerd-shim-kata-v2'],
  ] as const)('%s', async (_, file) => {
    const node = new TestNode();
    const { release } = await node.installation(settings('qemu')).install(first);
    const tree = node.tree();
    const path = `/opt/kata/releases/${release}/${file}` as const;
    const sound = (await node.host.files.read(path))?.toString() ?? '';
    // Of the same size, so that a glance does not see it.
    await node.host.files.write(path, Buffer.from(sound.replace('k', 'K').replace('s', 'S')));

    const { release: again } = await node.installation(settings('qemu')).install(first, { repairs: true });

    expect(again).toBe(release);
    expect(node.tree()).toEqual(tree);
  });

  test('and what was shipped is never read without its digest', async () => {
    const node = new TestNode();
    const { release } = await node.installation(settings('qemu')).install(first);
    const path = `/opt/kata/releases/${release}/${folder}/configuration-qemu.toml` as const;
    const sound = (await node.host.files.read(path))?.toString() ?? '';
    await node.host.files.write(path, Buffer.from(sound.replace('vmlinux', 'vmlinuX')));

    // Of its text the configuration of each release is generated, whose id would be another.
    expect((await node.installation(settings('qemu')).planInstall(first)).actions).toEqual([]);
    const { plan } = await node.installation(settings('qemu', 'clh')).install(first);
    const changes = plan.actions.flatMap((action) => (action.kind === 'release.write' ? action.changes : []));
    expect(changes.map(({ after }) => after).join('\n')).not.toContain('vmlinuX');
  });
});

test('issue 12.1: a disk that is too full is known before the first change, and its plan is refused', async () => {
  const node = new TestNode({ freeBytes: 1000 });
  const before = node.tree();
  const refused = { code: 'KATA_STORE_SPACE', exitCode: 3 };

  await expect(node.installation(settings('qemu')).planInstall(first)).rejects.toMatchObject(refused);
  await expect(node.installation(settings('qemu')).install(first)).rejects.toMatchObject(refused);

  expect(node.tree()).toEqual(before);
  expect(node.changes).toBe(0);
});

test('a sound release in the place of a damaged one stays when what comes after it fails', async () => {
  const node = new TestNode();
  const { release } = await node.installation(settings('qemu')).install(first);
  await node.host.files.write(main, Buffer.from(mainText));
  const before = node.tree();
  await node.host.files.remove(`/opt/kata/releases/${release}/share/vmlinux`);
  node.breaksAtRestart = true;

  await expect(node.installation(settings('qemu')).install(first)).rejects.toThrow(
    'did not accept the change',
  );

  expect(node.tree()).toEqual(before);
});

test('a drop-in that is no longer wanted goes, what an administrator put beside it stays', async () => {
  const node = new TestNode();
  await node.installation(settings('qemu')).install(first);
  const folder = '/opt/kata/share/defaults/kata-containers/runtimes/qemu/config.d' as const;
  await node.host.files.write(`${folder}/30-kernel-params.toml`, Buffer.from('# of other settings\n'));
  await node.host.files.write(`${folder}/60-mine.toml`, Buffer.from('# of an administrator\n'));

  const { plan } = await node.installation(settings('qemu')).install(first);

  expect(plan.actions.map((action) => action.kind)).toEqual(['release.write']);
  expect(await node.host.files.list(folder)).toEqual(['10-installation-prefix.toml', '60-mine.toml']);
});

describe('an upgrade', () => {
  test('keeps the old release to go back to, and restarts nothing when the shim answers the same', async () => {
    const node = new TestNode();
    const old = await node.installation(settings('qemu')).install(first);

    const { release } = await node.installation(settings('qemu')).install(second);

    expect(node.restarts).toBe(1);
    expect(await node.host.files.list('/opt/kata/releases')).toEqual([old.release, release].toSorted());
    expect((await node.host.files.read('/opt/kata/VERSION'))?.toString()).toBe('3.25.0\n');
  });

  test.each([
    ['2.2.1', 2],
    ['1.7.30', 1],
  ])('to a shim with another answer: containerd %s was started %i times', async (version, restarts) => {
    const node = new TestNode({ version });
    await node.installation(settings('qemu')).install(first);

    await node
      .installation(settings('qemu'))
      .install(await makePayload('3.25.0', 'kernel', { info: 'other' }));

    expect(node.restarts).toBe(restarts);
  });

  test('restarts the engine for the shim of a custom runtime, too', async () => {
    const node = new TestNode();
    const [base] = settings('qemu').shims;
    if (base === undefined) throw new Error('there is no shim qemu');
    const custom = {
      handler: 'kata-mine',
      base,
      snapshotter: undefined,
      pullType: undefined,
      dropIn: undefined,
    };
    const onlyCustom = someSettings([], { customRuntimes: [custom] });
    await node.installation(onlyCustom).install(first);

    await node.installation(onlyCustom).install(await makePayload('3.25.0', 'kernel', { info: 'other' }));

    expect(node.restarts).toBe(2);
  });

  test('removes the release before last, unless a sandbox of it lives', async () => {
    const node = new TestNode();
    const third = await makePayload('3.26.0', 'kernel three', { info: 'same' });
    const ids = [];
    ids.push((await node.installation(settings('qemu')).install(first)).release);
    node.host.files.seed('/run/vc/sbs/0123456789abcdef', { directory: true });
    ids.push((await node.installation(settings('qemu')).install(second)).release);

    ids.push((await node.installation(settings('qemu')).install(third)).release);
    expect(await node.host.files.list('/opt/kata/releases')).toEqual(ids.toSorted());

    await node.host.files.removeTree('/run/vc/sbs/0123456789abcdef');
    await node.installation(settings('qemu')).install(third);
    expect(await node.host.files.list('/opt/kata/releases')).toEqual(ids.slice(1).toSorted());
  });
});

describe('what an administrator put into config.d', () => {
  const folder = '/opt/kata/share/defaults/kata-containers/runtimes/qemu/config.d' as const;
  const mine = `${folder}/60-mine.toml` as const;

  test('is copied to the next release, with its mode, and each release has its own', async () => {
    const node = new TestNode();
    const { release: old } = await node.installation(settings('qemu')).install(first);
    await node.host.files.write(mine, Buffer.from('# one\n'), { mode: 0o600 });

    await node.installation(settings('qemu')).install(second);
    await node.host.files.write(mine, Buffer.from('# two\n'));

    expect((await node.host.files.info(mine))?.mode).toBe(0o600);
    const before = mine.replace('/opt/kata', `/opt/kata/releases/${old}`) as typeof mine;
    expect((await node.host.files.read(before))?.toString()).toBe('# one\n');
    expect((await node.installation(settings('qemu')).planInstall(second)).actions).toEqual([]);
  });

  test('comes along when a release that was in force before is installed again', async () => {
    const node = new TestNode();
    await node.installation(settings('qemu')).install(first);
    await node.installation(settings('qemu')).install(second);
    await node.host.files.write(mine, Buffer.from('# two\n'));

    await node.installation(settings('qemu')).install(first);

    expect((await node.host.files.read(mine))?.toString()).toBe('# two\n');
  });
});

describe('living sandboxes', () => {
  test('keep handlers for debugging and of custom runtimes, with what was laid over them', async () => {
    const node = new TestNode();
    const [clh] = settings('clh').shims;
    if (clh === undefined) throw new Error('there is no shim clh');
    const custom = {
      handler: 'kata-mine',
      base: clh,
      snapshotter: undefined,
      pullType: undefined,
      dropIn: '[runtime]\nx = 1\n',
    };
    const wide = someSettings(['qemu'], { debug: true, customRuntimes: [custom] });
    const { release: old } = await node.installation(wide).install(first);
    node.host.files.seed('/run/vc/sbs/0123456789abcdef', { directory: true });

    const { handlers, dropped } = await node.installation(settings('qemu')).install(second);

    expect(handlers.map(({ name }) => name)).toEqual(['kata-qemu']);
    expect(dropped.map(({ name }) => name)).toEqual(['kata-qemu-debug', 'kata-mine']);
    const overrides =
      '/opt/kata/share/defaults/kata-containers/custom-runtimes/kata-mine/config.d/50-overrides.toml';
    expect((await node.host.files.read(overrides))?.toString()).toBe(custom.dropIn);
    // They stay as they were: with the files of the release that made them.
    const own = overrides.replace('50-overrides', '10-installation-prefix') as typeof overrides;
    expect((await node.host.files.read(own))?.toString()).toContain(`/opt/kata/releases/${old}/bin/clh`);

    await node.host.files.removeTree('/run/vc/sbs/0123456789abcdef');
    await node.installation(settings('qemu')).install(second);
    expect(await node.installation(settings('qemu')).readFacts()).toMatchObject({
      record: { handlers: [{ name: 'kata-qemu' }] },
      engine: { served: ['kata-qemu'] },
    });
  });

  test('keep a handler of a shim that this version does not know, with its configuration', async () => {
    const node = new TestNode();
    const wide = settings('qemu');
    const [qemu] = wide.shims;
    if (qemu === undefined) throw new Error('there is no shim qemu');
    await node.installation({ ...wide, shims: [qemu, { ...qemu, name: 'later' }] }).install(first);
    const path = '/opt/kata/share/defaults/kata-containers/runtimes/later/configuration-later.toml';
    const before = (await node.host.files.read(path))?.toString();
    node.host.files.seed('/run/vc/sbs/0123456789abcdef', { directory: true });

    const { handlers, dropped } = await node.installation(settings('qemu')).install(second);

    expect(handlers.map(({ name }) => name)).toEqual(['kata-qemu']);
    expect(dropped.map(({ name }) => name)).toEqual(['kata-later']);
    expect((await node.host.files.read(path))?.toString()).toBe(before);
    const { engine } = await node.installation(settings('qemu')).readFacts();
    expect(engine.served).toEqual(['kata-qemu', 'kata-later']);

    await node.host.files.removeTree('/run/vc/sbs/0123456789abcdef');
    await node.installation(settings('qemu')).install(second);
    expect(await node.installation(settings('qemu')).readFacts()).toMatchObject({
      record: { handlers: [{ name: 'kata-qemu' }] },
      engine: { served: ['kata-qemu'] },
    });
  });

  test('keep everything in place; removal waits for them', async () => {
    const node = new TestNode();
    const before = node.tree();
    await node.installation(settings('qemu')).install(first);
    const installed = node.tree();
    node.host.files.seed('/run/vc/sbs/0123456789abcdef', { directory: true });

    expect(await node.remove(settings('qemu'))).toEqual(['0123456789abcdef']);
    expect(node.tree()).toEqual(installed);

    await node.host.files.removeTree('/run/vc/sbs/0123456789abcdef');
    expect(await node.remove(settings('qemu'))).toEqual([]);
    expect(node.tree()).toEqual(before);
  });

  test('keep a handler that is no longer wanted', async () => {
    const node = new TestNode();
    await node.installation(settings('qemu', 'clh')).install(first);
    node.host.files.seed('/run/vc/sbs/0123456789abcdef', { directory: true });

    const { plan } = await node.installation(settings('qemu')).install(first);

    expect(plan.actions.filter((action) => action.kind === 'engine.restart')).toEqual([]);
  });
});

describe('a failure', () => {
  test('of the payload changes nothing and names component and file', async () => {
    const broken = await makePayload('3.24.1', 'kernel one', { info: 'broken' });
    const archive = join(broken.directory, 'tarballs', archiveName('kernel'));
    await pipeline(
      Readable.from([
        await packLayer([
          { kind: 'file', path: './opt/kata/share/vmlinux', content: Buffer.from('kernel 0ne') },
        ]),
      ]),
      createZstdCompress(),
      createWriteStream(archive),
    );
    const size = (await readFile(archive)).length;
    const components = broken.manifest.components.map((component) =>
      component.name === 'kernel' ? { ...component, archiveSize: size } : component,
    );
    const node = new TestNode();
    const before = node.tree();

    const installing = node
      .installation(settings('qemu'))
      .install({ ...broken, manifest: { ...broken.manifest, components } });

    await expect(installing).rejects.toThrow(/component kernel: share\/vmlinux has the digest/);
    expect(node.tree()).toEqual(before);
  });

  test('of the first step leaves a release whose record was lost', async () => {
    const node = new TestNode();
    await node.installation(settings('qemu')).install(first);
    await node.host.files.removeTree('/opt/kata/state');
    const before = node.tree();
    node.fails = (change) => change.path.includes('.new/share');

    await expect(node.installation(settings('qemu')).install(second)).rejects.toThrow('cannot');

    const { '/opt/kata/state': _, '/opt/kata/state/ownership.json': rebuilt, ...tree } = node.tree();
    expect(tree).toEqual(before);
    expect(rebuilt).toContain('"current": "3.24.0-');
  });

  test('of a disk that stays full is undone, for that needs no room', async () => {
    const node = new TestNode();
    await node.installation(settings('qemu')).install(first);
    const before = node.tree();
    const needRoom: readonly string[] = ['write', 'writeStream', 'makeDirectory', 'setLink'];
    let isFull = false;
    node.fails = ({ operation, path }) => {
      isFull ||= path.includes('/runtimes/qemu/');
      return isFull && needRoom.includes(operation);
    };

    const failure = node.installation(settings('qemu')).install(second);

    await expect(failure).rejects.toThrow(/^cannot .*\/runtimes\/qemu/);
    expect(node.tree()).toEqual(before);
  });

  test('of a disk that becomes read-only says why nothing could be put back', async () => {
    const node = new TestNode();
    await node.installation(settings('qemu')).install(first);
    node.fails = ({ path }) => path.includes('/runtimes/qemu/') || node.failed;

    const failure = node.installation(settings('qemu')).install(second);

    await expect(failure).rejects.toMatchObject({
      code: 'KATA_INSTALLER_UNDO',
      exitCode: 7,
      cause: { message: expect.stringMatching(/^cannot .*EIO: i\/o error.*; then cannot .*EIO: i\/o error/) },
    });
    node.fails = () => false;
    await node.installation(settings('qemu')).install(second);
    const whole = new TestNode();
    for (const payload of [first, second]) await whole.installation(settings('qemu')).install(payload);
    expect(node.tree()).toEqual(whole.tree());
  });

  test('of the engine to come back puts its files and the old release back', async () => {
    const node = new TestNode();
    const before = node.host.files.snapshot('/etc');
    node.breaksAtRestart = true;

    const installing = node.installation(settings('qemu')).install(first);

    await expect(installing).rejects.toThrow('the engine runs with its previous configuration');
    expect(node.host.files.snapshot('/etc')).toEqual(before);
    expect(node.restarts).toBe(2);
  });

  test('after the engine forgot a handler lets it load the handler again', async () => {
    const node = new TestNode();
    await node.installation(settings('qemu', 'clh')).install(first);
    const before = node.tree();
    const restarts = node.restarts;
    let failures = 0;
    node.fails = (change) => {
      if (node.restarts === restarts || !change.path.endsWith('/current')) return false;
      failures += 1;
      return failures === 1;
    };

    await expect(node.installation(settings('qemu')).install(second)).rejects.toThrow('cannot');

    expect(node.tree()).toEqual(before);
    expect(node.restarts).toBe(restarts + 2);
    node.fails = () => false;
    expect((await node.installation(settings('qemu', 'clh')).planInstall(first)).actions).toEqual([]);
  });
});

test('a link that nothing stands behind any more goes, and comes back with it', async () => {
  const node = new TestNode();
  await node.installation(settings('qemu')).install(first);
  await node.host.files.setLink('/opt/kata/runtime-rs', 'current/runtime-rs');
  await node.host.files.setLink('/opt/kata/notes', 'elsewhere');

  await node.installation(settings('qemu')).install(first);

  const names = await node.host.files.list('/opt/kata');
  expect(names).not.toContain('runtime-rs');
  expect(names).toContain('notes');
});

/** Runs to the end, crashing before the k-th change first; for every k until a run is not interrupted. */
async function crashEverywhere(
  prepare: (node: TestNode) => Promise<void>,
  act: (node: TestNode) => Promise<unknown>,
): Promise<{ readonly points: number; readonly final: Readonly<Record<string, string>> }> {
  const whole = new TestNode();
  await prepare(whole);
  await act(whole);
  const final = whole.tree();
  for (let k = 0; ; k += 1) {
    const node = new TestNode();
    await prepare(node);
    node.crashAt = node.changes + k;
    try {
      await act(node);
      return { points: k, final };
    } catch {
      node.crashAt = undefined;
    }
    await act(node);
    expect(node.tree(), `killed before change ${k}`).toEqual(final);
  }
}

// They take seconds on a free machine; a busy one must not fail them.
describe(
  'killed before every single change and run again, the final tree is the same',
  { timeout: 120_000 },
  () => {
    const qemu = settings('qemu');

    test('install', async () => {
      const { points } = await crashEverywhere(
        async () => undefined,
        async (node) => await node.installation(qemu).install(first),
      );
      expect(points).toBeGreaterThan(40);
    });

    test('upgrade', async () => {
      const { points } = await crashEverywhere(
        async (node) => {
          await node.installation(qemu).install(first);
        },
        async (node) => await node.installation(qemu).install(second),
      );
      expect(points).toBeGreaterThan(20);
    });

    test('removal', async () => {
      const { points, final } = await crashEverywhere(
        async (node) => {
          await node.installation(qemu).install(first);
        },
        async (node) => await node.remove(qemu),
      );
      expect(points).toBeGreaterThan(15);
      expect(final).toEqual(new TestNode().tree());
    });
  },
);

describe(
  'a disk error at any single change leaves the node as it was, or the run ends well',
  { timeout: 120_000 },
  () => {
    const qemu = settings('qemu');

    // When all is in force the record and the end of the journal are written; then the record of before goes, or the
    // reserve comes: a folder with four files.
    test.each([
      ['install', 7],
      ['upgrade', 3],
    ])('%s', async (title, pastLastAction) => {
      const prepare = async (node: TestNode): Promise<void> => {
        if (title === 'upgrade') await node.installation(qemu).install(first);
      };
      const payload = title === 'install' ? first : second;
      const whole = new TestNode();
      await prepare(whole);
      await whole.installation(qemu).install(payload);
      const after = whole.tree();
      let [undone, ended] = [0, 0];
      for (let k = 0; ; k += 1) {
        const node = new TestNode();
        await prepare(node);
        const before = node.tree();
        const failing = node.changes + k;
        node.fails = () => node.changes - 1 === failing;
        const outcome = await node
          .installation(qemu)
          .install(payload)
          .then(() => 'ended')
          .catch((error: unknown) => error);
        if (node.changes <= failing) break;
        if (outcome === 'ended') {
          ended += 1;
          continue;
        }
        expect(outcome).toBeInstanceOf(KataError);
        // Past its last action, where only our own bookkeeping is left.
        if (node.tree()['/opt/kata/state/journal.json'] !== undefined) {
          await node.installation(qemu).install(payload);
          expect(node.tree(), `failing change ${k}`).toEqual(after);
          ended += 1;
        } else {
          expect(node.tree(), `failing change ${k}`).toEqual(before);
          undone += 1;
        }
      }
      expect(ended).toBe(pastLastAction);
      expect(undone).toBeGreaterThan(30);
    });
  },
);
