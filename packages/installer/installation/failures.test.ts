import { createWriteStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createZstdCompress } from 'node:zlib';
import { archiveName } from '@kata/artifacts';
import { packLayer } from '@kata/oci';
import { describe, expect, test } from 'vitest';
import { QemuNode, settings } from '../testkit/qemu-node.ts';
import { useQemuPayloads } from '../testkit/qemu-payloads.ts';

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
    const node = new QemuNode();
    const before = node.tree();

    const installing = node
      .installation(settings('qemu'))
      .install({ ...broken, manifest: { ...broken.manifest, components } });

    await expect(installing).rejects.toThrow(/component kernel: share\/vmlinux has the digest/);
    expect(node.tree()).toEqual(before);
  });

  test('of the first step keeps a release whose record was lost', async () => {
    const node = new QemuNode();
    await node.installation(settings('qemu')).install(payloads.first);
    await node.host.files.removeTree('/opt/kata/state');
    const before = node.tree();
    node.fails = (change) => change.path.includes('.new/share');

    await expect(node.installation(settings('qemu')).install(payloads.second)).rejects.toThrow('cannot');

    const { '/opt/kata/state': _, '/opt/kata/state/ownership.json': rebuilt, ...tree } = node.tree();
    expect(tree).toEqual(before);
    expect(rebuilt).toContain('"current": "3.24.0-');
  });

  test('of a disk that stays full is rolled back, which needs no space', async () => {
    const node = new QemuNode();
    await node.installation(settings('qemu')).install(payloads.first);
    const before = node.tree();
    const needRoom: readonly string[] = ['write', 'writeStream', 'makeDirectory', 'setLink'];
    let isFull = false;
    node.fails = ({ operation, path }) => {
      isFull ||= path.includes('/runtimes/qemu/');
      return isFull && needRoom.includes(operation);
    };

    const failure = node.installation(settings('qemu')).install(payloads.second);

    await expect(failure).rejects.toThrow(/^cannot .*\/runtimes\/qemu/);
    expect(node.tree()).toEqual(before);
  });

  test('of a disk that becomes read-only reports why the rollback failed', async () => {
    const node = new QemuNode();
    await node.installation(settings('qemu')).install(payloads.first);
    node.fails = ({ path }) => path.includes('/runtimes/qemu/') || node.failed;

    const failure = node.installation(settings('qemu')).install(payloads.second);

    await expect(failure).rejects.toMatchObject({
      code: 'KATA_INSTALLER_UNDO',
      exitCode: 7,
      cause: { message: expect.stringMatching(/^cannot .*EIO: i\/o error.*; then cannot .*EIO: i\/o error/) },
    });
    node.fails = () => false;
    await node.installation(settings('qemu')).install(payloads.second);
    const whole = new QemuNode();
    for (const payload of [payloads.first, payloads.second]) {
      await whole.installation(settings('qemu')).install(payload);
    }
    expect(node.tree()).toEqual(whole.tree());
  });

  test('of the engine to start again restores its files and the old release', async () => {
    const node = new QemuNode();
    const before = node.host.files.snapshot('/etc');
    node.breaksAtRestart = true;

    const installing = node.installation(settings('qemu')).install(payloads.first);

    await expect(installing).rejects.toThrow('it runs again with its previous configuration');
    expect(node.host.files.snapshot('/etc')).toEqual(before);
    expect(node.restarts).toBe(2);
  });

  test('after the engine dropped a handler makes it load the handler again', async () => {
    const node = new QemuNode();
    await node.installation(settings('qemu', 'clh')).install(payloads.first);
    const before = node.tree();
    const restarts = node.restarts;
    let failures = 0;
    node.fails = (change) => {
      if (node.restarts === restarts || !change.path.endsWith('/current')) return false;
      failures += 1;
      return failures === 1;
    };

    await expect(node.installation(settings('qemu')).install(payloads.second)).rejects.toThrow('cannot');

    expect(node.tree()).toEqual(before);
    expect(node.restarts).toBe(restarts + 2);
    node.fails = () => false;
    expect((await node.installation(settings('qemu', 'clh')).planInstall(payloads.first)).actions).toEqual(
      [],
    );
  });
});
