/** Issues 12.3 to 12.6: our edits of foreign configurations, loaded by real containerd. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { KataError } from '@kata/core';
import {
  containerd,
  type ContainerdFacts,
  type EngineContext,
  type FileEdit,
  type OwnedFile,
} from '@kata/engines';
import type { HostPath } from '@kata/host';
import { MemoryHost } from '@kata/host/memory';
import type { Handler } from '@kata/kata';
import { beforeAll, describe, expect, test } from 'vitest';
import { ContainerdLoader, type Files, type Loaded } from '../driver/containerd-loader.ts';
import { carefulSchema2, mainFiles } from '../driver/main-files.ts';

const cases = new URL('../fixtures/cases/', import.meta.url);
const main: HostPath = '/etc/containerd/config.toml';
const gpu: HostPath = '/etc/containerd/conf.d/99-gpu.toml';
const handlers: readonly Handler[] = ['qemu', 'clh'].map((shim) => ({
  name: `kata-${shim}`,
  shimPath: '/opt/kata/bin/containerd-shim-kata-v2',
  configPath: `/opt/kata/share/defaults/kata-containers/runtimes/${shim}/configuration-${shim}.toml`,
}));
const engines = [
  ['containerd-1.7', '1.7.30'],
  ['containerd-2.2', '2.2.1'],
  ['containerd-2.3', '2.3.2'],
  ['containerd-2.4', '2.4.2'],
] as const;

const text = (path: string): string => readFileSync(new URL(path, cases), 'utf8');

function machine(folder: string, dropIns = `${folder}/conf.d`): Files {
  const files: Record<HostPath, string> = { [main]: text(`${folder}/config.toml`) };
  try {
    for (const name of readdirSync(new URL(dropIns, cases))) {
      files[`/etc/containerd/conf.d/${name}`] = text(`${dropIns}/${name}`);
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  return files;
}

/** A node that consists of containerd's files and the installer's record of them. */
class Node {
  readonly #version: string;
  readonly #loader: ContainerdLoader;
  readonly #host: MemoryHost;
  #owned: readonly OwnedFile[] = [];
  #known: readonly Handler[] = [];

  constructor(version: string, loader: ContainerdLoader, files: Files) {
    this.#version = version;
    this.#loader = loader;
    this.#host = new MemoryHost({ files });
  }

  get files(): Files {
    const all = Object.entries(this.#host.files.snapshot('/'));
    const found = all.filter(([, content]) => /^\d{3} /.test(content));
    return Object.fromEntries(found.map(([path, content]) => [path, content.slice(4)]));
  }

  async write(path: HostPath, content: string | undefined): Promise<void> {
    if (content === undefined) await this.#host.files.remove(path);
    else {
      await this.#host.files.makeDirectory(posix.dirname(path) as HostPath);
      await this.#host.files.write(path, Buffer.from(content));
    }
  }

  async load(): Promise<Loaded> {
    return await this.#loader.load(this.files);
  }

  /** Undefined when the edits remove the main file. */
  async #loadCandidate(facts: ContainerdFacts, edits: readonly FileEdit[]): Promise<Loaded | undefined> {
    const candidate = containerd.loader?.makeCandidate(facts, edits, '/etc/containerd/candidate');
    if (candidate === undefined) return undefined;
    const copies = Object.fromEntries(candidate.copies.map(({ path, text: content }) => [path, content]));
    const [, path] = candidate.arguments;
    return await this.#loader.load({ ...this.files, ...copies }, path as HostPath);
  }

  /** Applies edits like the installer. A refusal throws and changes nothing. Returns the edited paths. */
  async apply(wanted: readonly Handler[]): Promise<readonly HostPath[]> {
    const context: EngineContext = {
      location: await containerd.locate(this.#host),
      prefix: '/opt/kata',
      suffix: '',
      owned: this.#owned,
      known: this.#known,
    };
    const facts = await containerd.probe(this.#host, this.#version, context);
    const edits = containerd.planEdits(facts, wanted, context);
    containerd.refuseHarm(facts, edits, wanted, context);
    const foreseen = await this.#loadCandidate(facts, edits);
    for (const { path, after, original } of edits) {
      await this.write(path, after);
      // The engine may be restarted at any time.
      await this.load();
      const others = this.#owned.filter((file) => file.path !== path);
      const left = createHash('sha256')
        .update(after ?? '')
        .digest('hex');
      const isLeft = after !== undefined && after !== original;
      this.#owned = isLeft ? [...others, { path, original, leftSha256: left }] : others;
    }
    // The candidate that is checked before the first edit equals the files after the last.
    if (foreseen !== undefined) expect(foreseen).toEqual(await this.load());
    this.#known = wanted;
    return edits.map(({ path }) => path);
  }
}

const names = handlers.map(({ name }) => name);

function withoutOurs({ handlers: all, settings }: Loaded): Loaded {
  const others = Object.entries(all).filter(([name]) => !names.includes(name));
  return { handlers: Object.fromEntries(others), settings };
}

/** Installs, installs again and removes: our handlers are loaded, and foreign settings stay the same. */
async function keepsForeign(node: Node): Promise<void> {
  const [before, files] = [await node.load(), node.files];
  await node.apply(handlers);
  await servesInAddition(node, before);
  expect(await node.apply(handlers)).toEqual([]);
  await node.apply([]);
  expect(node.files).toEqual(files);
}

async function servesInAddition(node: Node, before: Loaded): Promise<void> {
  const after = await node.load();
  expect(withoutOurs(after)).toEqual(withoutOurs(before));
  expect(after.handlers).toMatchObject(
    Object.fromEntries(
      handlers.map(({ name, shimPath, configPath }) => [
        name,
        { runtime_path: shimPath, options: { ConfigPath: configPath } },
      ]),
    ),
  );
}

/** The error code of the refusal. */
async function refusal(node: Node, wanted: readonly Handler[]): Promise<string> {
  const files = node.files;
  const error: unknown = await node.apply(wanted).catch((reason: unknown) => reason);
  expect(node.files).toEqual(files);
  if (error instanceof KataError) return error.code;
  throw new Error(`not refused: ${JSON.stringify(error)}`);
}

describe.each(engines)('%s', (tool, version) => {
  let loader: ContainerdLoader;
  const nodeOf = (files: Files): Node => new Node(version, loader, files);
  const isNew = version >= '2';
  const migratesEachFile = version >= '2.3';
  // A dump of containerd 1.7 needs a file, and a drop-in of a newer schema than the main file stops containerd 2.3.2.
  const files = mainFiles.filter(
    (file) => file.linkTo === undefined && file.since < version && (isNew || file.text('') !== undefined),
  );
  const takesNewerDropIns = isNew && tool !== 'containerd-2.3';

  beforeAll(async () => {
    loader = await ContainerdLoader.find(tool);
  });

  test.each(files)('main file: $title', async (file) => {
    const content = file.text(carefulSchema2);
    await keepsForeign(nodeOf(content === undefined ? {} : { [main]: content }));
  });

  test.each(isNew ? ['.', 'with-imports', 'control-only-images'] : [])(
    'case 01-aks-mixed-names: %s',
    async (variant) => {
      await keepsForeign(nodeOf(machine(`01-aks-mixed-names/${variant}`)));
    },
  );

  test.each(isNew ? ['after/config.toml', 'after-without-import/config.toml'] : [])(
    'case 02-root-migrated-after-install: %s',
    async (after) => {
      const node = nodeOf(machine('02-root-migrated-after-install/before'));
      await node.apply(handlers);
      const migrated = text(`02-root-migrated-after-install/${after}`);
      await node.write(main, migrated.replaceAll('IMPORT-OF-KATA', '/opt/kata/containerd/config.d/*.toml'));
      const alone = await loader.load({
        [main]: text('02-root-migrated-after-install/after-without-import/config.toml'),
      });

      await node.apply(handlers);
      await servesInAddition(node, alone);
      expect(await node.apply(handlers)).toEqual([]);
    },
  );

  test.each(takesNewerDropIns ? ['03-neighbour-comes-and-goes'] : [])('case %s', async (folder) => {
    const all = machine(folder);
    const { [gpu]: neighbour, ...bare } = all;
    const node = nodeOf(bare);
    await node.apply(handlers);
    await node.write(gpu, neighbour);
    const before = await node.load();
    await node.apply(handlers);
    await servesInAddition(node, before);
    expect(Object.keys((await node.load()).handlers)).toContain('gpu');
    expect(await node.apply(handlers)).toEqual([]);

    await node.write(gpu, undefined);
    await node.apply(handlers);
    await servesInAddition(node, await loader.load(bare));
    expect(await node.apply(handlers)).toEqual([]);
    await node.apply([]);
    expect(node.files).toEqual(bare);
  });

  test.each(takesNewerDropIns ? ['03-neighbour-comes-and-goes'] : [])(
    'case %s: a drop-in that is older than the installation is removed',
    async (folder) => {
      const { [gpu]: _neighbour, ...bare } = machine(folder);
      const node = nodeOf(machine(folder));
      await node.apply(handlers);
      await node.write(gpu, undefined);

      await node.apply(handlers);
      await servesInAddition(node, await loader.load(bare));
    },
  );

  test.each(migratesEachFile ? ['a-no-version', 'b-version-1', 'c-newer-neighbour'] : [])(
    'case 04-drop-in-higher-than-root-2.3: %s',
    async (variant) => {
      await keepsForeign(nodeOf(machine(`04-drop-in-higher-than-root-2.3/${variant}`)));
    },
  );

  test.each(['conf.d', 'conf.d-2.2', 'conf.d-type'])('case 05-neighbour-bomb: %s', async (dropIns) => {
    const files = machine('05-neighbour-bomb', `05-neighbour-bomb/${dropIns}`);
    const starts = await loader.load(files).then(
      () => true,
      () => false,
    );
    if (starts) await keepsForeign(nodeOf(files));
    else expect(await refusal(nodeOf(files), handlers)).toMatch(/^KATA_ENGINE_CONFIG_/);
  });

  test('a handler of the administrator that uses our shim is not changed', async () => {
    const plugin = isNew ? 'io.containerd.cri.v1.runtime' : 'io.containerd.grpc.v1.cri';
    const table = `plugins."${plugin}".containerd.runtimes`;
    const his = `version = ${isNew ? 3 : 2}
[${table}.runc]
runtime_type = "io.containerd.runc.v2"
[${table}.special]
runtime_type = "io.containerd.kata.v2"
runtime_path = "/opt/kata/bin/containerd-shim-kata-v2"
privileged_without_host_devices = true
pod_annotations = ["io.katacontainers.*"]
[${table}.special.options]
ConfigPath = "/opt/kata/share/defaults/kata-containers/configuration-qemu.toml"
`;
    await keepsForeign(nodeOf({ [main]: his }));
  });

  test('containerd starts when the folder of our drop-ins is missing', async () => {
    const node = nodeOf({ [main]: 'version = 2\n' });
    await node.apply(handlers);
    for (const path of Object.keys(node.files)) {
      if (path.startsWith('/opt/kata/')) await node.write(path as HostPath, undefined);
    }

    expect(Object.keys((await node.load()).handlers)).toContain('runc');
    await node.apply(handlers);
    expect(Object.keys((await node.load()).handlers)).toContain('kata-qemu');
  });
});
