import { createHash } from 'node:crypto';
import { describeProgress, type ProgressEvent } from '@kata/report';
import { expect, test } from 'vitest';
import { MemoryNode } from '../testkit/memory-node.ts';
import { bareMachine, folder, qemu, useVerifiedNode } from '../testkit/use-verified-node.ts';

const installedNode = useVerifiedNode();

test('a new installation has no findings, and verifying changes nothing', async () => {
  const node = await installedNode();
  const before = node.host.files.snapshot();

  const events: ProgressEvent[] = [];

  expect(await node.verify((event) => events.push(event))).toEqual({
    prefix: '/opt/kata',
    release: node.release,
    compared: 10,
    handlers: ['kata-qemu'],
    findings: [],
  });
  expect(node.host.files.snapshot()).toEqual(before);
  expect(events.map(describeProgress)).toEqual([
    `compare release ${node.release} …`,
    ...[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 10].map((n) => `compare release ${node.release}: ${n} of 10 files`),
  ]);
});

test('the engine configuration in addition to handlers is compared with the record, not with the settings', async () => {
  const text = 'version = 2\n[timeouts]\na = "1s"\n';
  const containerd = { ...qemu.containerd, userDropIn: { text, source: '/mine.toml' } };
  const node = await installedNode({ ...qemu, debug: true, containerd });

  expect((await node.verify()).findings.filter(({ area }) => area === 'engine')).toEqual([]);
});

test('the engine is not queried when nothing is installed', async () => {
  const node = await MemoryNode.start(bareMachine);
  node.isUnresponsive = true;

  expect(await node.verify(qemu)).toEqual({
    prefix: '/opt/kata',
    release: null,
    compared: 0,
    handlers: [],
    findings: [],
  });
});

const mine = `/opt/kata/${folder}/runtimes/qemu/config.d/90-mine.toml`;

test('content of the same size is compared by digest', async () => {
  const node = await installedNode();
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

test('a difference that may be intended is only information', async () => {
  const node = await installedNode();
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
      expected: 'a completed run',
    },
  ]);
});

test('a file that is not mounted into the container is only information', async () => {
  const node = await installedNode();
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
      found: `not mounted here, named by ${mine}`,
      expected: '/srv/initrd',
    },
  ]);
});

test('a configuration that cannot be parsed is a problem of its handler', async () => {
  const node = await installedNode();
  node.host.files.seed(node.at(`${folder}/runtimes/qemu/config.d/90-mine.toml`), 'kernel =');

  const { findings } = await node.verify();

  expect(findings.map(({ subject, problem, found }) => [subject, problem, found])).toEqual([
    ['kata-qemu', 'refused', `${mine} is not valid TOML at line 1, column 9`],
  ]);
});
