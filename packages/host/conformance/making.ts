/** How every Host creates streams, directories and links. */
import { expect, test } from 'vitest';
import { type Current, bytes, pieces, text, failureOf } from './current.ts';

export function testCreating({ files }: Current): void {
  test('writes a stream', async () => {
    await files().writeStream('/work/file', pieces('one ', 'two'), 0o755);

    expect(await text(files(), '/work/file')).toBe('one two');
    expect((await files().info('/work/file'))?.mode).toBe(0o755);
    await files().syncTree('/work');
  });

  test('a stream replaces nothing', async () => {
    await files().write('/work/file', bytes('x'));

    expect(await failureOf(files().writeStream('/work/file', pieces('y'), 0o644))).toEqual([
      'KATA_HOST_FILE',
      'cannot write /work/file',
      3,
      'EEXIST',
    ]);
    expect(await text(files(), '/work/file')).toBe('x');
  });

  test('a stream that fails leaves no file, and rejects with its own error', async () => {
    const broken = new Error('broken archive');
    function* breaking(): Generator<Uint8Array> {
      yield bytes('half');
      throw broken;
    }

    expect(await failureOf(files().writeStream('/work/file', breaking(), 0o644))).toBe(broken);
    expect(await files().list('/work')).toEqual([]);
  });

  test('creates a directory and its parents, and keeps the mode of an existing one', async () => {
    await files().makeDirectory('/work/a/b', 0o700);
    await files().makeDirectory('/work/a/b');

    expect((await files().info('/work/a'))?.mode).toBe(0o755);
    expect((await files().info('/work/a/b'))?.mode).toBe(0o700);
  });
}

export function testLinks({ files }: Current): void {
  test('sets a link, and replaces a link or a file', async () => {
    await files().setLink('/work/link', 'one');
    expect(await files().info('/work/link')).toMatchObject({ kind: 'link', target: 'one', linkCount: 1 });
    await files().setLink('/work/link', 'two');
    await files().write('/work/file', bytes('x'));
    await files().setLink('/work/file', 'two');

    expect((await files().info('/work/link'))?.target).toBe('two');
    expect((await files().info('/work/file'))?.target).toBe('two');
    expect(await files().list('/work')).toEqual(['file', 'link']);
  });

  test('no path leads out of the root', async () => {
    await files().write('/work/file', bytes('inside'));
    await files().setLink('/work/up', '../../../../../work/file');
    await files().setLink('/work/root', '/');

    expect(await text(files(), '/work/up')).toBe('inside');
    expect(await text(files(), '/work/root/work/../../../work/file')).toBe('inside');
  });

  test('refuses a circle of links', async () => {
    await files().setLink('/work/a', 'b');
    await files().setLink('/work/b', 'a');

    expect(await failureOf(files().read('/work/a'))).toEqual([
      'KATA_HOST_FILE',
      'cannot read /work/a',
      3,
      'ELOOP',
    ]);
  });

  test('a hard link shares the file until one of them is written', async () => {
    await files().write('/work/one', bytes('x'));
    await files().hardLink('/work/one', '/work/two');
    expect((await files().info('/work/two'))?.linkCount).toBe(2);
    await files().write('/work/two', bytes('y'));

    expect(await text(files(), '/work/one')).toBe('x');
    expect((await files().info('/work/one'))?.linkCount).toBe(1);
  });
}
