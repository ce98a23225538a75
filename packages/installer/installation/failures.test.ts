import { createWriteStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createZstdCompress } from 'node:zlib';
import { archiveName } from '@kata/artifacts';
import { packLayer } from '@kata/oci';
import { describe, expect, test } from 'vitest';
import { MemoryNode } from '../testkit/memory-node.ts';
import { useQemuPayloads } from '../testkit/qemu-payloads.ts';
import { usualMachine } from '../testkit/scenarios.ts';
import { someSettings } from '../testkit/some-settings.ts';

const qemu = someSettings(['qemu']);
const both = someSettings(['qemu', 'clh']);

const payloads = useQemuPayloads();

describe('a failure', () => {
  test('of the payload changes nothing and names the component and the file', async () => {
    const broken = await payloads.make('3.24.1', 'kernel one', { info: 'broken' });
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
    const node = await MemoryNode.start(usualMachine);
    const before = node.tree();

    const installing = node
      .installation(qemu)
      .install({ ...broken, manifest: { ...broken.manifest, components } });

    await expect(installing).rejects.toThrow(/component kernel: share\/vmlinux has the digest/);
    expect(node.tree()).toEqual(before);
  });

  test('of the first step keeps a release whose record was lost', async () => {
    const node = await MemoryNode.start(usualMachine);
    await node.installation(qemu).install(payloads.first);
    await node.host.files.removeTree('/opt/kata/state');
    const before = node.tree();
    node.failChanges(({ path }) => path.includes('.new/share'));

    await expect(node.installation(qemu).install(payloads.second)).rejects.toThrow('cannot');

    const { '/opt/kata/state': _, '/opt/kata/state/ownership.json': rebuilt, ...tree } = node.tree();
    expect(tree).toEqual(before);
    expect(rebuilt).toContain('"current": "3.24.0-');
  });

  test('of a disk that stays full is rolled back, which needs no space', async () => {
    const node = await MemoryNode.start(usualMachine);
    await node.installation(qemu).install(payloads.first);
    const before = node.tree();
    const needRoom: readonly string[] = ['write', 'writeStream', 'makeDirectory', 'setLink'];
    let isFull = false;
    node.failChanges(({ operation, path }) => {
      isFull ||= path.includes('/runtimes/qemu/');
      return isFull && needRoom.includes(operation);
    });

    const failure = node.installation(qemu).install(payloads.second);

    await expect(failure).rejects.toThrow(/^cannot .*\/runtimes\/qemu/);
    expect(node.tree()).toEqual(before);
  });

  test('of a disk that becomes read-only reports why the rollback failed', async () => {
    const node = await MemoryNode.start(usualMachine);
    await node.installation(qemu).install(payloads.first);
    let isReadOnly = false;
    node.failChanges(({ path }) => (isReadOnly ||= path.includes('/runtimes/qemu/')));

    const failure = node.installation(qemu).install(payloads.second);

    await expect(failure).rejects.toMatchObject({
      code: 'KATA_INSTALLER_UNDO',
      exitCode: 7,
      cause: { message: expect.stringMatching(/^cannot .*EIO: i\/o error.*; then cannot .*EIO: i\/o error/) },
    });
    node.onChange = undefined;
    await node.installation(qemu).install(payloads.second);
    const whole = await MemoryNode.start(usualMachine);
    for (const payload of [payloads.first, payloads.second]) {
      await whole.installation(qemu).install(payload);
    }
    expect(node.tree()).toEqual(whole.tree());
  });

  test('of the engine to start again restores its files and the old release', async () => {
    const node = await MemoryNode.start(usualMachine);
    const before = node.host.files.snapshot('/etc');
    node.refusesStart = true;

    const installing = node.installation(qemu).install(payloads.first);

    await expect(installing).rejects.toThrow('it runs again with its previous configuration');
    expect(node.host.files.snapshot('/etc')).toEqual(before);
    expect(node.restarts).toBe(2);
  });

  test('after the engine dropped a handler makes it load the handler again', async () => {
    const node = await MemoryNode.start(usualMachine);
    await node.installation(both).install(payloads.first);
    const before = node.tree();
    const restarts = node.restarts;
    let failures = 0;
    node.failChanges(({ path }) => {
      if (node.restarts === restarts || !path.endsWith('/current')) return false;
      failures += 1;
      return failures === 1;
    });

    await expect(node.installation(qemu).install(payloads.second)).rejects.toThrow('cannot');

    expect(node.tree()).toEqual(before);
    expect(node.restarts).toBe(restarts + 2);
    node.onChange = undefined;
    expect((await node.installation(both).planInstall(payloads.first)).actions).toEqual([]);
  });
});
