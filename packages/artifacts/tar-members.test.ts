import { buffer } from 'node:stream/consumers';
import fc from 'fast-check';
import { type Header, pack } from 'tar-stream';
import { expect, test } from 'vitest';
import { readTar } from './tar-members.ts';

type Member = Partial<Header> & Pick<Header, 'name'> & { readonly content?: string | Uint8Array };

/** Written by another library than the one under test. */
async function makeTar(members: readonly Member[]): Promise<Buffer> {
  const archive = pack();
  for (const { content, ...header } of members) {
    if (content === undefined) archive.entry(header);
    else archive.entry(header, Buffer.from(content));
  }
  archive.finalize();
  return await buffer(archive);
}

/** In one buffer, like decompressed pieces. */
function* inPieces(bytes: Uint8Array, size: number): Generator<Uint8Array> {
  const memory = new Uint8Array(size);
  for (let at = 0; at < bytes.length; at += size) {
    const piece = bytes.subarray(at, at + size);
    memory.set(piece);
    yield memory.subarray(0, piece.length);
    memory.fill(0xff);
  }
}

function read(bytes: Uint8Array, size = 1000): readonly string[] {
  return Array.from(readTar(inPieces(bytes, size)), ({ name, type, content }) => {
    const whole = Buffer.concat(Array.from(content, (piece) => Buffer.from(piece)));
    return `${type} ${name} ${whole.toString('latin1')}`;
  });
}

const path = fc
  .array(fc.stringMatching(/^[a-zäß .]{1,80}$/), { minLength: 1, maxLength: 5 })
  .map((parts) => parts.join('/'));

test('members are read as packed, whatever the size of the pieces', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(path, fc.uint8Array({ maxLength: 3000 })), { maxLength: 5 }),
      fc.integer({ min: 1, max: 2000 }),
      async (files, size) => {
        const archive = await makeTar(files.map(([name, content]) => ({ name, content })));

        expect(read(archive, size)).toEqual(
          files.map(([name, content]) => `File ${name} ${Buffer.from(content).toString('latin1')}`),
        );
      },
    ),
    { numRuns: 100 },
  );
});

test('unread content of a member is skipped', async () => {
  const archive = await makeTar([
    { name: 'long', content: 'x'.repeat(5000) },
    { name: 'next', content: 'y' },
  ]);
  const found: string[] = [];

  for (const { name, content } of readTar(inPieces(archive, 700))) {
    found.push(name);
    for (const piece of content) {
      found.push(String(piece.length));
      break;
    }
  }

  expect(found).toEqual(['long', '188', 'next', '1']);
});

test('names are taken from extension headers', async () => {
  const long = `${'d/'.repeat(120)}file`;
  const gnu = gnuLongName(long);

  expect(read(Buffer.concat([gnu, await makeTar([{ name: 'short', content: 'z' }])]))).toEqual([
    `File ${long} z`,
  ]);
});

/** As GNU tar writes it: a member of type L, whose content is the name. */
function gnuLongName(name: string): Buffer {
  const header = Buffer.alloc(512);
  header.write('././@LongLink');
  header.write('0000644\0', 100);
  header.write(`${(name.length + 1).toString(8).padStart(11, '0')}\0`, 124);
  header.write('        L', 148);
  const sum = header.reduce((a, b) => a + b, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return Buffer.concat([header, Buffer.from(`${name}\0`.padEnd(512, '\0'))]);
}

test.each([
  { what: 'truncated in a header', cut: (archive: Buffer) => archive.subarray(0, 700), message: 'truncated' },
  { what: 'truncated in a file', cut: (archive: Buffer) => archive.subarray(0, 520), message: 'truncated' },
  {
    what: 'damaged in a header',
    cut: (archive: Buffer) => Buffer.concat([Buffer.from('X'), archive.subarray(1)]),
    message: 'a header of the tar archive is damaged',
  },
])('an archive that is $what is an error', async ({ cut, message }) => {
  const archive = await makeTar([
    { name: 'file', content: 'x'.repeat(600) },
    { name: 'next', content: '' },
  ]);

  expect(() => read(cut(archive))).toThrow(message);
});

test('a header with an excessive size is an error', async () => {
  const header = gnuLongName('x');
  header.write('77777777777\0', 124);
  header.write('        ', 148);
  const sum = header.subarray(0, 512).reduce((a, b) => a + b, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);

  expect(() => read(header)).toThrow('a header of the tar archive has 8589934591 bytes, which is too large');
});

test('a sparse file is recognized', async () => {
  const pax = { 'GNU.sparse.major': '1', 'GNU.sparse.minor': '0' };
  const archive = await makeTar([
    { name: 'holes', content: 'x', pax } as Member,
    { name: 'plain', content: 'y' },
  ]);

  expect(Array.from(readTar([archive]), ({ name, isSparse }) => [name, isSparse])).toEqual([
    ['holes', true],
    ['plain', false],
  ]);
});
