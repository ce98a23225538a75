import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { execa } from 'execa';
import fc from 'fast-check';
import { extract } from 'tar-stream';
import { expect, test } from 'vitest';
import { type LayerEntry, packLayer, streamLayer } from './layer.ts';

const name = fc.string({
  unit: fc.constantFrom('a', 'b', 'z', '0', '-', '_', '.', 'é'),
  minLength: 1,
  maxLength: 60,
});
const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((names) => `p/${names.join('/')}`);
// The archive library treats mode 0 as no mode.
const mode = fc.integer({ min: 1, max: 0o7777 });
const entry: fc.Arbitrary<LayerEntry> = fc.oneof(
  fc.record({ kind: fc.constant('directory' as const), path, mode }),
  fc.record({ kind: fc.constant('file' as const), path, mode, content: fc.uint8Array({ maxLength: 2000 }) }),
  fc.record({ kind: fc.constant('link' as const), path, target: path }),
);

test('the same entries give the same bytes', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(entry, { maxLength: 6 }), async (entries) => {
      expect((await packLayer(entries)).equals(await packLayer(structuredClone(entries)))).toBe(true);
    }),
  );
});

test('unpacking returns the packed entries, owned by root, from 1970', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(entry, { maxLength: 6 }), async (entries) => {
      const found: LayerEntry[] = [];
      const archive = extract();
      archive.end(await packLayer(entries));

      for await (const item of archive) {
        const { header } = item;
        expect([header.uid, header.gid, header.mtime?.getTime()]).toEqual([0, 0, 0]);
        found.push(toEntry(header, new Uint8Array(await buffer(item))));
      }

      expect(found).toEqual(entries);
    }),
  );
});

function toEntry(
  header: {
    readonly type?: string | null | undefined;
    readonly name: string;
    readonly mode?: number | undefined;
    readonly linkname?: string | null | undefined;
  },
  content: Uint8Array,
): LayerEntry {
  const permissions = header.mode ?? 0;
  if (header.type === 'directory') {
    return { kind: 'directory', path: header.name.replace(/\/$/, ''), mode: permissions };
  }
  if (header.type === 'symlink') return { kind: 'link', path: header.name, target: header.linkname ?? '' };
  return { kind: 'file', path: header.name, mode: permissions, content };
}

test("the system's tar lists the entries", async () => {
  const layer = await packLayer([
    { kind: 'directory', path: 'bin' },
    { kind: 'directory', path: 'tmp', mode: 0o1777 },
    { kind: 'file', path: 'bin/tool', content: Buffer.from('tool'), mode: 0o755 },
    { kind: 'file', path: 'notes', content: new Uint8Array() },
    { kind: 'link', path: 'bin/alias', target: 'tool' },
  ]);

  const { stdout } = await execa('tar', ['--list', '--verbose', '--numeric-owner', '--utc'], {
    input: layer,
  });

  expect(stdout.replaceAll(/ +/g, ' ').split('\n')).toEqual([
    'drwxr-xr-x 0/0 0 1970-01-01 00:00 bin/',
    'drwxrwxrwt 0/0 0 1970-01-01 00:00 tmp/',
    '-rwxr-xr-x 0/0 4 1970-01-01 00:00 bin/tool',
    '-rw-r--r-- 0/0 0 1970-01-01 00:00 notes',
    'lrwxrwxrwx 0/0 0 1970-01-01 00:00 bin/alias -> tool',
  ]);
});

test('a file of this machine is packed like given content, and entries may arrive one at a time', async () => {
  await using directory = await mkdtempDisposable(join(tmpdir(), 'layer-test-'));
  const from = join(directory.path, 'big');
  const content = Buffer.alloc(3_000_001, 'big ');
  await writeFile(from, content);
  async function* entries(): AsyncGenerator<LayerEntry> {
    yield { kind: 'directory', path: 'data' };
    yield { kind: 'copy', path: 'data/big', from, mode: 0o600 };
  }

  const layer = await buffer(streamLayer(entries()));

  const given = await packLayer([
    { kind: 'directory', path: 'data' },
    { kind: 'file', path: 'data/big', content, mode: 0o600 },
  ]);
  expect(layer.equals(given)).toBe(true);
});

test('a missing file fails the layer', async () => {
  const layer = streamLayer([{ kind: 'copy', path: 'x', from: '/nowhere/at/all' }]);

  await expect(buffer(layer)).rejects.toThrow('/nowhere/at/all');
});
