/** How every Host writes files, also foreign ones. */
import { expect, test } from 'vitest';
import { type Current, bytes, text, failureOf } from './current.ts';

export function testExpecting({ files }: Current): void {
  test('issue 12.1: replaces or removes only the expected content', async () => {
    await files().write('/work/file', bytes('theirs'), { mode: 0o600 });
    await files().setLink('/work/link', 'file');
    const other = { expects: { content: bytes('other') } };
    const none = { expects: { content: undefined } };
    const changed = (path: string): readonly unknown[] => [
      'KATA_HOST_FILE_CHANGED',
      `another program changed ${path} in the meantime`,
      75,
      undefined,
    ];

    expect(await failureOf(files().write('/work/file', bytes('ours'), other))).toEqual(changed('/work/file'));
    expect(await failureOf(files().write('/work/link', bytes('ours'), none))).toEqual(changed('/work/link'));
    expect(await failureOf(files().write('/work/new', bytes('ours'), other))).toEqual(changed('/work/new'));
    expect(await failureOf(files().remove('/work/link', other))).toEqual(changed('/work/link'));
    expect(await failureOf(files().remove('/work/no', other))).toEqual(changed('/work/no'));
    expect(await files().list('/work')).toEqual(['file', 'link']);
    expect(await text(files(), '/work/file')).toBe('theirs');

    await files().write('/work/link', bytes('ours'), { expects: { content: bytes('theirs') } });
    await files().write('/work/new', bytes('ours'), none);
    await files().remove('/work/file', { expects: { content: bytes('ours') } });
    await files().remove('/work/file', none);
    expect(await files().list('/work')).toEqual(['link', 'new']);
  });
}

export function testWriting({ files }: Current): void {
  test('replaces a file, keeps its mode, and leaves nothing next to it', async () => {
    await files().write('/work/file', bytes('old'), { mode: 0o600 });
    await files().write('/work/file', bytes('new'));

    expect(await text(files(), '/work/file')).toBe('new');
    expect((await files().info('/work/file'))?.mode).toBe(0o600);
    expect(await files().list('/work')).toEqual(['file']);
  });

  test('a new file is readable by all', async () => {
    await files().write('/work/file', bytes(''));

    expect((await files().info('/work/file'))?.mode).toBe(0o644);
  });

  test('a new file gets mode and owner of `like`, a replaced file keeps its own', async () => {
    await files().write('/work/model', bytes('x'), { mode: 0o600, uid: 1000, gid: 100 });
    await files().write('/work/known', bytes('x'), { mode: 0o640 });

    for (const name of ['new', 'known'] as const)
      await files().write(`/work/${name}`, bytes('y'), { like: '/work/model' });
    await files().write('/work/other', bytes('y'), { like: '/work/gone' });

    expect(await files().info('/work/new')).toMatchObject({ mode: 0o600, uid: 1000, gid: 100 });
    expect(await files().info('/work/known')).toMatchObject({ mode: 0o640, uid: 0, gid: 0 });
    expect(await files().info('/work/other')).toMatchObject({ mode: 0o644, uid: 0, gid: 0 });
  });

  test('changes only the mode', async () => {
    await files().write('/work/file', bytes('x'));
    await files().write('/work/file', bytes('x'), { mode: 0o755 });

    expect((await files().info('/work/file'))?.mode).toBe(0o755);
  });

  test('writes through links, relative and absolute, within the root', async () => {
    await files().makeDirectory('/work/etc/real');
    await files().write('/work/etc/real/config', bytes('old'));
    await files().setLink('/work/etc/relative', 'real');
    await files().setLink('/work/absolute', '/work/etc/relative/config');
    await files().write('/work/absolute', bytes('new'));

    expect(await text(files(), '/work/etc/real/config')).toBe('new');
    expect((await files().info('/work/absolute'))?.target).toBe('/work/etc/relative/config');
  });

  test('refuses to replace a directory, and to write into a missing one', async () => {
    await files().makeDirectory('/work/directory');

    expect(await failureOf(files().write('/work/directory', bytes('x')))).toEqual([
      'KATA_HOST_FILE',
      'cannot write /work/directory',
      3,
      'EISDIR',
    ]);
    expect(await failureOf(files().write('/work/no/file', bytes('x')))).toEqual([
      'KATA_HOST_FILE',
      'cannot write /work/no/file',
      3,
      'ENOENT',
    ]);
  });
}
