import { expect, test } from 'vitest';
import { folder, useVerifiedNode, type VerifiedNode } from '../testkit/use-verified-node.ts';

const installedNode = useVerifiedNode();

type Row = readonly [area: string, subject: string, problem: string, found: string, expected: string];

const ours = `/opt/kata/${folder}/runtimes/qemu/config.d/10-installation-prefix.toml`;
const mine = `/opt/kata/${folder}/runtimes/qemu/config.d/90-mine.toml`;
const dropIn = '/opt/kata/containerd/config.d/kata-deploy.toml';

test.each<[string, (node: VerifiedNode) => void | Promise<void>, (node: VerifiedNode) => readonly Row[]]>([
  [
    'a missing file, and its handler',
    async ({ host, at }) => await host.files.remove(at('share/vmlinux-6.18')),
    (node) => [
      ['release', 'share/vmlinux-6.18', 'missing', 'nothing', 'file'],
      ['handler', 'kata-qemu', 'named file', `nothing, named by ${ours}`, node.at('share/vmlinux')],
    ],
  ],
  [
    'a changed owner, mode and size',
    ({ host, at }) => {
      host.files.seed(at('share/vmlinux-6.18'), 'a longer kernel');
      host.files.seed(at('bin'), { directory: true, uid: 1000 });
      host.files.seed(at('bin/containerd-shim-kata-v2'), { content: 'shim 3.24.0', mode: 0o644 });
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
    async ({ host, at }) => await host.files.setLink(at('share/vmlinux'), 'vmlinux'),
    (node) => [
      ['release', 'share/vmlinux', 'target', 'vmlinux', 'vmlinux-6.18'],
      ['handler', 'kata-qemu', 'named file', `nothing, named by ${ours}`, node.at('share/vmlinux')],
    ],
  ],
  [
    'links of the installation that are missing or have another target',
    async ({ host, release }) => {
      await host.files.remove('/opt/kata/bin');
      await host.files.setLink('/opt/kata/share', `releases/${release}/share`);
    },
    (node) => [
      ['link', '/opt/kata/bin', 'missing', 'no link', 'current/bin'],
      ['link', '/opt/kata/share', 'target', `releases/${node.release}/share`, 'current/share'],
      ['handler', 'kata-qemu', 'shim', 'nothing', '/opt/kata/bin/containerd-shim-kata-v2'],
    ],
  ],
  [
    'a missing manifest',
    async ({ host, at }) => await host.files.remove(at('manifest.json')),
    (node) => [
      ['release', node.release, 'manifest', `release ${node.release} has no manifest`, 'its own manifest'],
    ],
  ],
  [
    'a missing drop-in of the engine',
    async ({ host }) => await host.files.remove(dropIn),
    () => [['engine', dropIn, 'missing', 'no file', 'the handlers as they were installed']],
  ],
  [
    'a main file that the engine would not load',
    ({ host }) => {
      host.files.seed('/etc/containerd/config.toml', 'version = 9\n');
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
    async ({ node, host }) => {
      const text = (await host.files.read(dropIn)) ?? '';
      await host.files.remove(dropIn);
      await node.restartByOthers();
      host.files.seed(dropIn, text.toString());
    },
    () => [['handler', 'kata-qemu', 'not served', 'not listed by the container runtime', 'served']],
  ],
  [
    'an engine that does not answer',
    ({ node }) => {
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
    async ({ host, at }) => await host.files.removeTree(at(`${folder}/runtimes`)),
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
    ({ host, at }) => {
      const dropIns = `${folder}/runtimes/qemu/config.d`;
      host.files.seed(at(`${dropIns}/90-mine.toml`), '[hypervisor.qemu]\ninitrd = "/srv/initrd"\n');
    },
    () => [['handler', 'kata-qemu', 'named file', `nothing, named by ${mine}`, '/srv/initrd']],
  ],
])('finds %s', async (_, damage, expected) => {
  const node = await installedNode();
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
