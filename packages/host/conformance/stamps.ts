/** How every Host tells a changed file from an unchanged one. */
import { expect, test } from 'vitest';
import { type Current, bytes } from './current.ts';

export function testStamps({ files }: Current): void {
  test('a stamp is the same for an unchanged file, and separates content from links and modes', async () => {
    await files().write('/work/file', bytes('text'));
    const before = await files().info('/work/file');
    await files().read('/work/file');
    const read = await files().info('/work/file');
    await files().hardLink('/work/file', '/work/link');
    const linked = await files().info('/work/file');
    await files().write('/work/file', bytes('Text'));
    const written = await files().info('/work/file');

    expect(read?.stamp).toEqual(before?.stamp);
    expect(linked?.stamp.content).toBe(before?.stamp.content);
    expect(linked?.stamp.change).not.toBe(before?.stamp.change);
    expect(written?.stamp.content).not.toBe(before?.stamp.content);
  });
}
