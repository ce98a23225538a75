import type { HostPath } from '@kata/host';
import type { MemorySeed } from '@kata/host/memory';
import { describe, expect, test } from 'vitest';
import { MemoryNode } from '../testkit/memory-node.ts';
import { upstreamMain, upstreamNode } from '../testkit/upstream-node.ts';
import { usePayloads } from '../testkit/use-payloads.ts';
import { install, planText, remove } from '../testkit/adopting.ts';

const payloads = usePayloads();

describe('what is not adopted', () => {
  const none = { name: 'a node', version: '2.2.1', files: {} };
  const cases: readonly (readonly [string, Readonly<Record<HostPath, MemorySeed>>, RegExp])[] = [
    [
      'a directory without a shim',
      { '/opt/kata/bin/tool': 'mine', '/opt/kata/notes.txt': 'mine' },
      /^\/opt\/kata contains bin and is not an installation of Kata$/,
    ],
    [
      'a file where a link belongs',
      { '/opt/kata/share': 'mine' },
      /^\/opt\/kata contains share and is not an installation of Kata$/,
    ],
  ];

  test.each(cases)('%s', async (_, files, message) => {
    const node = await MemoryNode.start({ ...none, files });
    const before = node.tree();

    await expect(install(node, payloads.first)).rejects.toMatchObject({
      code: 'KATA_INSTALLER_FOREIGN',
      message: expect.stringMatching(message) as string,
    });

    expect(node.tree()).toEqual(before);
  });

  test('a directory in the place of one of our links', async () => {
    const node = await MemoryNode.start({ ...none, files: { '/etc': { directory: true } } });
    await install(node, payloads.first);
    await node.host.files.remove('/opt/kata/bin');
    await node.host.files.makeDirectory('/opt/kata/bin');

    await expect(install(node, payloads.first)).rejects.toThrow(
      '/opt/kata contains bin, where links of this installation belong',
    );
  });

  test('a directory that was added after an adoption, which stays when Kata is removed', async () => {
    const node = await MemoryNode.start(upstreamNode('1.7'));
    await install(node, payloads.first);
    await node.host.files.remove('/opt/kata/libexec');
    await node.host.files.makeDirectory('/opt/kata/libexec');
    await node.host.files.write('/opt/kata/libexec/tool', Buffer.from('mine'));

    await expect(install(node, payloads.first)).rejects.toThrow('/opt/kata contains libexec, where links');
    await remove(node);

    expect(await node.host.files.list('/opt/kata')).toEqual(['libexec']);
  });

  test('a file inside the installation that the engine reads', async () => {
    const user = '/opt/kata/containerd/config.d/zz-kata-deploy-user.toml';
    const imports = `imports = ["/opt/kata/containerd/config.d/kata-deploy.toml", "${user}"]\nversion = 2\n`;
    const files = { [user]: 'version = 2\n', [upstreamMain]: imports } as const;
    const node = await MemoryNode.start(upstreamNode('2.2', ['remote'], files));

    await expect(install(node, payloads.first)).rejects.toThrow(
      `the container runtime reads ${user}, which a removal`,
    );
  });

  test('foreign files in the installation', async () => {
    const node = await MemoryNode.start(
      upstreamNode('2.2', ['remote'], {
        '/opt/kata/notes.txt': 'mine',
        '/opt/kata/nydus-for-kata-tee/containerd-nydus-grpc': 'nydus',
        '/etc/systemd/system/nydus-for-kata-tee.service': '[Service]\n',
      }),
    );

    expect(await planText(node, payloads.first)).toContain('# nydus-for-kata-tee.service is not changed');
    await install(node, payloads.first);
    await remove(node);

    const left = Object.keys(node.tree()).filter((path) => path.startsWith('/opt/kata'));
    expect(left).toEqual([
      '/opt/kata',
      '/opt/kata/notes.txt',
      '/opt/kata/nydus-for-kata-tee',
      '/opt/kata/nydus-for-kata-tee/containerd-nydus-grpc',
    ]);
  });
});
