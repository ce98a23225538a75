/** How every Host moves and removes. */
import { expect, test } from 'vitest';
import { type Current, bytes, text, failureOf } from './current.ts';

export function testMoving({ files }: Current): void {
  test('renames a tree', async () => {
    await files().makeDirectory('/work/old/deep');
    await files().write('/work/old/deep/file', bytes('x'));
    await files().rename('/work/old', '/work/new');

    expect(await text(files(), '/work/new/deep/file')).toBe('x');
    expect(await files().list('/work')).toEqual(['new']);
  });

  test('does not rename over a directory that is not empty', async () => {
    await files().makeDirectory('/work/old');
    await files().makeDirectory('/work/new/deep');

    expect(await failureOf(files().rename('/work/old', '/work/new'))).toEqual([
      'KATA_HOST_FILE',
      'cannot rename /work/old to /work/new',
      3,
      'ENOTEMPTY',
    ]);
  });

  test('exchanges a directory and a link', async () => {
    await files().makeDirectory('/work/directory');
    await files().write('/work/directory/file', bytes('x'));
    await files().setLink('/work/link', 'release');
    await files().exchange('/work/directory', '/work/link');

    expect((await files().info('/work/directory'))?.target).toBe('release');
    expect(await text(files(), '/work/link/file')).toBe('x');
  });

  test('does not exchange with a missing path', async () => {
    await files().write('/work/file', bytes('x'));

    expect(await failureOf(files().exchange('/work/file', '/work/no'))).toEqual([
      'KATA_HOST_FILE',
      'cannot exchange /work/file and /work/no',
      3,
      'ENOENT',
    ]);
  });
}

export function testRemoving({ files }: Current): void {
  test('removes files and links, and accepts a missing path', async () => {
    await files().write('/work/file', bytes('x'));
    await files().setLink('/work/link', 'file');
    await files().remove('/work/link');
    await files().remove('/work/no');
    expect(await files().list('/work')).toEqual(['file']);
    await files().remove('/work/file');

    expect(await files().list('/work')).toEqual([]);
  });

  test('removes a directory only when it is empty', async () => {
    await files().makeDirectory('/work/full/empty');

    expect([
      await files().removeDirectory('/work/full'),
      await files().removeDirectory('/work/full/empty'),
      await files().removeDirectory('/work/full/no'),
      await files().removeDirectory('/work/full'),
    ]).toEqual([false, true, false, true]);
  });

  test('removes a tree without following its links', async () => {
    await files().makeDirectory('/work/kept');
    await files().write('/work/kept/file', bytes('x'));
    await files().makeDirectory('/work/tree/deep');
    await files().setLink('/work/tree/deep/link', '/work/kept');
    await files().setLink('/work/tree/away', '../kept');
    await files().removeTree('/work/tree');
    await files().removeTree('/work/no');
    await files().setLink('/work/link', 'kept');
    await files().removeTree('/work/link');

    expect(await files().list('/work')).toEqual(['kept']);
    expect(await text(files(), '/work/kept/file')).toBe('x');
  });

  test('never removes the root', async () => {
    expect(await failureOf(files().removeTree('/'))).toEqual([
      'KATA_HOST_FILE',
      'cannot remove /',
      3,
      'EBUSY',
    ]);
  });
}
