import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createZstdCompress } from 'node:zlib';
import { archiveName, describePayload, openPayload, type Payload, payloadFile } from '@kata/artifacts';
import { KataError } from '@kata/core';
import type { HostPath } from '@kata/host';
import { MemoryHost } from '@kata/host/memory';
import type { Shim } from '@kata/kata';
import { type LayerEntry, packLayer } from '@kata/oci';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { EngineClient } from '../engine/engine-session.ts';
import { Installation } from '../installation/installation.ts';
import { someSettings } from '../testkit/some-settings.ts';
import { type Verification, type VerificationEvent, verifyInstallation } from './verify-installation.ts';

const shim: Shim = { name: 'qemu', language: 'go', components: { x86_64: ['shim-v2-go', 'kernel'] } };
const settings = someSettings([], { shims: [shim] });
const folder = 'share/defaults/kata-containers';
const unit = 'containerd.service';

let scratch: Awaited<ReturnType<typeof mkdtempDisposable>>;
let payload: Payload;

beforeAll(async () => {
  scratch = await mkdtempDisposable(join(tmpdir(), 'verification-test-'));
  payload = await makePayload();
});

afterAll(async () => {
  await scratch.remove();
});

async function makePayload(): Promise<Payload> {
  const file = (path: string, content: string, mode = 0o644): LayerEntry => ({
    kind: 'file',
    path: `./opt/kata/${path}`,
    content: Buffer.from(content),
    mode,
  });
  const trees = {
    'shim-v2-go': [
      file('bin/containerd-shim-kata-v2', 'a shim', 0o755),
      file(
        `${folder}/configuration-qemu.toml`,
        '[hypervisor.qemu]\nkernel = "/opt/kata/share/vmlinux"\nshared_fs = "none"\n',
      ),
    ],
    kernel: [
      file('share/vmlinux-6.18', 'a kernel'),
      { kind: 'link', path: './opt/kata/share/vmlinux', target: 'vmlinux-6.18' },
    ] satisfies readonly LayerEntry[],
  };
  await mkdir(join(scratch.path, 'tarballs'));
  const archives = [];
  for (const [component, entries] of Object.entries(trees)) {
    const path = join(scratch.path, 'tarballs', archiveName(component));
    await pipeline(Readable.from([await packLayer(entries)]), createZstdCompress(), createWriteStream(path));
    archives.push({ component, path });
  }
  const manifest = describePayload({ version: '3.24.0', architecture: 'amd64', archives });
  await writeFile(join(scratch.path, payloadFile), JSON.stringify(manifest));
  return await openPayload(scratch.path);
}

class TestNode {
  readonly host: MemoryHost = new MemoryHost({
    files: { '/etc/containerd/config.toml': 'version = 2\n' },
    units: { [unit]: { active: 'active', startedAtMs: new Date('2026-01-01T00:00:00Z').getTime() } },
    onRestart: () => {
      this.host.advance(1000);
      this.served = this.willServe;
    },
  });
  served: readonly string[] = [];
  willServe: readonly string[] = ['kata-qemu'];
  isSilent = false;
  readonly events: VerificationEvent[] = [];
  release = '';

  async install(): Promise<this> {
    const { host, engine } = this;
    const installation = new Installation({ host, settings, engine, emit: () => undefined });
    this.release = (await installation.install(payload)).release;
    return this;
  }

  async verify(): Promise<Verification> {
    const { host, engine } = this;
    const emit = (event: VerificationEvent): void => {
      this.events.push(event);
    };
    return await verifyInstallation({ host, settings, engine, emit });
  }

  /** A path in the release. */
  at(path: string): HostPath {
    return `/opt/kata/releases/${this.release}/${path}`;
  }

  readonly engine: EngineClient = {
    version: async () => {
      if (this.isSilent) throw new KataError('KATA_HOST_CRI', 'cannot ask the engine');
      return '2.2.1';
    },
    servedHandlers: async () => this.served,
  };
}

test('a new installation is as it was installed, and looking changes nothing', async () => {
  const node = await new TestNode().install();
  const before = node.host.files.snapshot();

  expect(await node.verify()).toEqual({
    prefix: '/opt/kata',
    release: node.release,
    compared: 10,
    handlers: ['kata-qemu'],
    findings: [],
  });
  expect(node.host.files.snapshot()).toEqual(before);
  expect(node.events.map(({ done, of }) => `${done}/${of}`)).toEqual(
    [1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map((done) => `${done}/10`),
  );
});

test('what the engine was told beside handlers is compared with the record, not with the wishes of today', async () => {
  const node = new TestNode();
  const { host, engine } = node;
  const text = 'version = 2\n[timeouts]\na = "1s"\n';
  const containerd = { ...settings.containerd, userDropIn: { text, source: '/mine.toml' } };
  const told = { ...settings, debug: true, containerd };
  node.willServe = ['kata-qemu', 'kata-qemu-debug'];
  await new Installation({ host, settings: told, engine, emit: () => undefined }).install(payload);

  expect((await node.verify()).findings.filter(({ area }) => area === 'engine')).toEqual([]);
});

test('where nothing is installed nothing is asked', async () => {
  const node = new TestNode();
  node.isSilent = true;

  expect(await node.verify()).toEqual({
    prefix: '/opt/kata',
    release: null,
    compared: 0,
    handlers: [],
    findings: [],
  });
});

type Row = readonly [area: string, subject: string, problem: string, found: string, expected: string];

const ours = `/opt/kata/${folder}/runtimes/qemu/config.d/10-installation-prefix.toml`;
const mine = `/opt/kata/${folder}/runtimes/qemu/config.d/90-mine.toml`;
const dropIn = '/opt/kata/containerd/config.d/kata-deploy.toml';

test.each<[string, (node: TestNode) => void | Promise<void>, (node: TestNode) => readonly Row[]]>([
  [
    'a file that is gone, and its handler',
    async (node) => await node.host.files.remove(node.at('share/vmlinux-6.18')),
    (node) => [
      ['release', 'share/vmlinux-6.18', 'missing', 'nothing', 'file'],
      ['handler', 'kata-qemu', 'named file', `nothing, named by ${ours}`, node.at('share/vmlinux')],
    ],
  ],
  [
    'another owner, mode and size',
    (node) => {
      node.host.files.seed(node.at('share/vmlinux-6.18'), 'a longer kernel');
      node.host.files.seed(node.at('bin'), { directory: true, uid: 1000 });
      node.host.files.seed(node.at('bin/containerd-shim-kata-v2'), { content: 'a shim', mode: 0o644 });
    },
    () => [
      ['release', 'bin', 'owner', '1000:0', '0:0'],
      ['release', 'bin/containerd-shim-kata-v2', 'mode', '0644', '0755'],
      ['release', 'share/vmlinux-6.18', 'size', '15', '8'],
      ['handler', 'kata-qemu', 'shim', 'mode 0644', '/opt/kata/bin/containerd-shim-kata-v2, executable'],
    ],
  ],
  [
    'a link of the release that leads elsewhere',
    async (node) => await node.host.files.setLink(node.at('share/vmlinux'), 'vmlinux'),
    (node) => [
      ['release', 'share/vmlinux', 'target', 'vmlinux', 'vmlinux-6.18'],
      ['handler', 'kata-qemu', 'named file', `nothing, named by ${ours}`, node.at('share/vmlinux')],
    ],
  ],
  [
    'links of the installation that are gone or lead elsewhere',
    async (node) => {
      await node.host.files.remove('/opt/kata/bin');
      await node.host.files.setLink('/opt/kata/share', `releases/${node.release}/share`);
    },
    (node) => [
      ['link', '/opt/kata/bin', 'missing', 'no link', 'current/bin'],
      ['link', '/opt/kata/share', 'target', `releases/${node.release}/share`, 'current/share'],
      ['handler', 'kata-qemu', 'shim', 'nothing', '/opt/kata/bin/containerd-shim-kata-v2'],
    ],
  ],
  [
    'a manifest that is gone',
    async (node) => await node.host.files.remove(node.at('manifest.json')),
    (node) => [
      ['release', node.release, 'manifest', `release ${node.release} has no manifest`, 'its own manifest'],
    ],
  ],
  [
    'a drop-in of the engine that is gone',
    async (node) => await node.host.files.remove(dropIn),
    () => [['engine', dropIn, 'missing', 'no file', 'the handlers as they were installed']],
  ],
  [
    'a main file that the engine would not load',
    (node) => {
      node.host.files.seed('/etc/containerd/config.toml', 'version = 9\n');
    },
    () => [
      [
        'engine',
        'containerd 2.2.1',
        'configuration',
        'this containerd does not read /etc/containerd/config.toml: its version is above 3 or not a number',
        'a configuration that can be loaded',
      ],
    ],
  ],
  [
    'a handler that is not served',
    (node) => {
      node.served = ['runc'];
    },
    () => [['handler', 'kata-qemu', 'not served', 'not in the answer of the engine', 'served']],
  ],
  [
    'an engine that does not answer',
    (node) => {
      node.isSilent = true;
    },
    () => [
      [
        'engine',
        'containerd',
        'silent',
        'containerd does not answer on its socket; because: cannot ask the engine; next: see: journalctl --unit containerd.service',
        'an answer',
      ],
    ],
  ],
  [
    'a configuration that is gone',
    async (node) => await node.host.files.removeTree(node.at(`${folder}/runtimes`)),
    () => [
      ...['config.d/10-installation-prefix.toml', 'configuration-qemu.toml'].map((name): Row => [
        'release',
        `${folder}/runtimes/qemu/${name}`,
        'missing',
        'nothing',
        'file',
      ]),
      [
        'handler',
        'kata-qemu',
        'configuration',
        'nothing',
        `/opt/kata/${folder}/runtimes/qemu/configuration-qemu.toml`,
      ],
    ],
  ],
  [
    "a file that a person's drop-in names",
    (node) => {
      const dropIns = `${folder}/runtimes/qemu/config.d`;
      node.host.files.seed(node.at(`${dropIns}/90-mine.toml`), '[hypervisor.qemu]\ninitrd = "/srv/initrd"\n');
    },
    () => [['handler', 'kata-qemu', 'named file', `nothing, named by ${mine}`, '/srv/initrd']],
  ],
])('finds %s', async (_, damage, expected) => {
  const node = await new TestNode().install();
  await damage(node);

  const { findings } = await node.verify();

  const problems = findings.filter(({ state }) => state === 'problem');
  expect(
    problems.map(({ area, subject, problem, found, expected: wanted }) => [
      area,
      subject,
      problem,
      found,
      wanted,
    ]),
  ).toEqual(expected(node));
});

test('content of the same size is compared by digest', async () => {
  const node = await new TestNode().install();
  node.host.files.seed(node.at('share/vmlinux-6.18'), 'A KERNEL');

  const { findings } = await node.verify();

  expect(findings).toEqual([
    {
      area: 'release',
      state: 'problem',
      subject: 'share/vmlinux-6.18',
      problem: 'content',
      found: digest('A KERNEL'),
      expected: digest('a kernel'),
    },
  ]);
});

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

test('what a person may have meant is only information', async () => {
  const node = await new TestNode().install();
  node.host.advance(1000);
  node.host.files.seed('/etc/containerd/certs.toml', '');
  node.host.files.seed(node.at('share/mine/notes.txt'), 'mine');
  node.host.files.seed(node.at(`${folder}/runtimes/qemu/config.d/90-mine.toml`), '');
  node.host.files.seed(
    '/opt/kata/state/journal.json',
    JSON.stringify([{ phase: 'before', action: 'x', time: 'y' }]),
  );
  const main = (await node.host.files.read('/etc/containerd/config.toml')) ?? '';
  node.host.files.seed('/etc/containerd/config.toml', `${main.toString()}root = "/srv"\n`);

  const { findings } = await node.verify();

  expect(findings).toEqual([
    {
      area: 'release',
      state: 'information',
      subject: 'share/mine/notes.txt',
      problem: 'surplus',
      found: 'a file',
      expected: 'nothing',
    },
    {
      area: 'engine',
      state: 'information',
      subject: '/etc/containerd/config.toml',
      problem: 'perhaps not loaded',
      found: 'changed after the start of containerd.service',
      expected: 'loaded',
    },
    {
      area: 'run',
      state: 'information',
      subject: 'journal',
      problem: 'interrupted',
      found: 'before "x" at y',
      expected: 'a run that ended',
    },
  ]);
});

test('what is not mounted into a container is no problem', async () => {
  const node = await new TestNode().install();
  const dropIn = node.at(`${folder}/runtimes/qemu/config.d/90-mine.toml`);
  node.host.files.seed(dropIn, '[hypervisor.qemu]\ninitrd = "/srv/initrd"\n');
  node.host.isPartial = true;

  const { findings } = await node.verify();

  expect(findings).toEqual([
    {
      area: 'handler',
      state: 'information',
      subject: 'kata-qemu',
      problem: 'named file',
      found: `nothing that is mounted here, named by ${mine}`,
      expected: '/srv/initrd',
    },
  ]);
});

test('a configuration that cannot be understood is a problem of its handler', async () => {
  const node = await new TestNode().install();
  node.host.files.seed(node.at(`${folder}/runtimes/qemu/config.d/90-mine.toml`), 'kernel =');

  const { findings } = await node.verify();

  expect(findings.map(({ subject, problem, found }) => [subject, problem, found])).toEqual([
    ['kata-qemu', 'refused', `${mine} is not valid TOML at line 1, column 9`],
  ]);
});
