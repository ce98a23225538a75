import { expect, test } from 'vitest';
import { folder, useVerifiedNodes, type VerifiedNode } from '../testkit/verified-node.ts';

const newNode = useVerifiedNodes();

type Row = readonly [area: string, subject: string, problem: string, found: string, expected: string];

const ours = `/opt/kata/${folder}/runtimes/qemu/config.d/10-installation-prefix.toml`;
const mine = `/opt/kata/${folder}/runtimes/qemu/config.d/90-mine.toml`;
const dropIn = '/opt/kata/containerd/config.d/kata-deploy.toml';

test.each<[string, (node: VerifiedNode) => void | Promise<void>, (node: VerifiedNode) => readonly Row[]]>([
  [
    'a missing file, and its handler',
    async (node) => await node.host.files.remove(node.at('share/vmlinux-6.18')),
    (node) => [
      ['release', 'share/vmlinux-6.18', 'missing', 'nothing', 'file'],
      ['handler', 'kata-qemu', 'named file', `nothing, named by ${ours}`, node.at('share/vmlinux')],
    ],
  ],
  [
    'a changed owner, mode and size',
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
    'a link of the release with another target',
    async (node) => await node.host.files.setLink(node.at('share/vmlinux'), 'vmlinux'),
    (node) => [
      ['release', 'share/vmlinux', 'target', 'vmlinux', 'vmlinux-6.18'],
      ['handler', 'kata-qemu', 'named file', `nothing, named by ${ours}`, node.at('share/vmlinux')],
    ],
  ],
  [
    'links of the installation that are missing or have another target',
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
    'a missing manifest',
    async (node) => await node.host.files.remove(node.at('manifest.json')),
    (node) => [
      ['release', node.release, 'manifest', `release ${node.release} has no manifest`, 'its own manifest'],
    ],
  ],
  [
    'a missing drop-in of the engine',
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
    () => [['handler', 'kata-qemu', 'not served', 'not listed by the container runtime', 'served']],
  ],
  [
    'an engine that does not answer',
    (node) => {
      node.isUnresponsive = true;
    },
    () => [
      [
        'engine',
        'containerd',
        'silent',
        'containerd does not answer on its socket; because: no answer; next: see: journalctl --unit containerd.service',
        'an answer',
      ],
    ],
  ],
  [
    'a missing configuration',
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
    'a missing file that is named in a drop-in of a user',
    (node) => {
      const dropIns = `${folder}/runtimes/qemu/config.d`;
      node.host.files.seed(node.at(`${dropIns}/90-mine.toml`), '[hypervisor.qemu]\ninitrd = "/srv/initrd"\n');
    },
    () => [['handler', 'kata-qemu', 'named file', `nothing, named by ${mine}`, '/srv/initrd']],
  ],
])('finds %s', async (_, damage, expected) => {
  const node = await newNode().install();
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
