/** How every Host reads. */
import { sha256 } from '@kata/core';
import { expect, test } from 'vitest';
import { type Current, bytes, failureOf } from './current.ts';

export function testReading({ files }: Current): void {
  test('a missing file is undefined, a missing directory an empty list', async () => {
    await files().write('/work/file', bytes('x'));

    expect({
      info: await files().info('/work/no'),
      read: await files().read('/work/no'),
      digest: await files().digest('/work/no'),
      list: await files().list('/work/no'),
      below: await files().read('/work/file/no'),
      listed: await files().list('/work/file'),
    }).toEqual({ list: [], listed: [] });
  });

  test('describes a file', async () => {
    await files().write('/work/file', bytes('text'), { mode: 0o640 });
    const info = await files().info('/work/file');

    expect(info).toEqual({
      kind: 'file',
      mode: 0o640,
      uid: info?.uid,
      gid: info?.gid,
      size: 4,
      modifiedMs: info?.modifiedMs,
      linkCount: 1,
      stamp: info?.stamp,
    });
    expect(await files().digest('/work/file')).toBe(sha256('text'));
  });

  test('lists names in order', async () => {
    for (const name of ['b', 'a', 'c'] as const) await files().write(`/work/${name}`, bytes(name));

    expect(await files().list('/work')).toEqual(['a', 'b', 'c']);
  });

  test('refuses to read a directory', async () => {
    expect(await failureOf(files().read('/work'))).toEqual([
      'KATA_HOST_FILE',
      'cannot read /work',
      3,
      'EISDIR',
    ]);
  });

  test('returns the free space at the path, or at a parent', async () => {
    expect(await files().freeBytes('/work/not/there')).toBeGreaterThan(0);
  });
}
