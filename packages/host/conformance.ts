/** What every Host does, as cases that each implementation is put through. */
import { createHash } from 'node:crypto';
import { KataError } from '@kata/core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Host, HostFiles, HostLock } from './host.ts';

export interface TestedHost {
  /** Has nothing but `/work`, an empty directory that may be written. */
  readonly host: Host;
  dispose(): Promise<void>;
}

const bytes = (text: string): Buffer => Buffer.from(text);
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

function* pieces(...texts: readonly string[]): Generator<Uint8Array> {
  for (const text of texts) yield bytes(text);
}

async function text(files: HostFiles, path: `/${string}`): Promise<string | undefined> {
  return (await files.read(path))?.toString();
}

async function failureOf(action: Promise<unknown>): Promise<unknown> {
  const error = await action.catch((reason: unknown) => reason);
  if (!(error instanceof KataError)) return error;
  return [error.code, error.message, error.exitCode, error.details['errno']];
}

export function describeHost(name: string, make: () => Promise<TestedHost>): void {
  let tested: TestedHost;
  let host: Host;
  let files: HostFiles;
  beforeEach(async () => {
    tested = await make();
    ({ host } = tested);
    ({ files } = host);
  });
  afterEach(async () => {
    await tested.dispose();
  });
  const current = { host: () => host, files: () => files };
  describe(`${name}: reading`, () => testReading(current));
  describe(`${name}: writing`, () => testWriting(current));
  describe(`${name}: files of others`, () => testExpecting(current));
  describe(`${name}: streams and directories`, () => testCreating(current));
  describe(`${name}: links`, () => testLinks(current));
  describe(`${name}: moving`, () => testMoving(current));
  describe(`${name}: removing`, () => testRemoving(current));
  describe(`${name}: locks`, () => testLock(current));
  describe(`${name}: the machine`, () => testMachine(current));
}

/** Made anew for each test. */
interface Current {
  readonly host: () => Host;
  readonly files: () => HostFiles;
}

function testReading({ files }: Current): void {
  test('what is not there is undefined, or an empty list', async () => {
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

  test('says what a file is', async () => {
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

  test('measures the space where the path, or a parent, is', async () => {
    expect(await files().freeBytes('/work/not/there')).toBeGreaterThan(0);
  });
}

function testExpecting({ files }: Current): void {
  test('issue 12.1: replaces or removes nothing but what it was told to expect', async () => {
    await files().write('/work/file', bytes('theirs'), { mode: 0o600 });
    await files().setLink('/work/link', 'file');
    const other = { expects: { content: bytes('other') } };
    const none = { expects: { content: undefined } };
    const changed = (path: string): readonly unknown[] => [
      'KATA_HOST_FILE_CHANGED',
      `${path} was changed by something else in the meantime`,
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

function testWriting({ files }: Current): void {
  test('replaces a file with its mode kept, and leaves nothing beside', async () => {
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

  test('a new file is like another one where that is told, a replaced one stays like itself', async () => {
    await files().write('/work/model', bytes('x'), { mode: 0o600, uid: 1000, gid: 100 });
    await files().write('/work/known', bytes('x'), { mode: 0o640 });

    for (const name of ['new', 'known'] as const)
      await files().write(`/work/${name}`, bytes('y'), { like: '/work/model' });
    await files().write('/work/other', bytes('y'), { like: '/work/gone' });

    expect(await files().info('/work/new')).toMatchObject({ mode: 0o600, uid: 1000, gid: 100 });
    expect(await files().info('/work/known')).toMatchObject({ mode: 0o640, uid: 0, gid: 0 });
    expect(await files().info('/work/other')).toMatchObject({ mode: 0o644, uid: 0, gid: 0 });
  });

  test('changes the mode alone', async () => {
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

  test('refuses to replace a directory, and to write where there is none', async () => {
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

function testCreating({ files }: Current): void {
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

  test('a stream that breaks off leaves no file, and its own error', async () => {
    const broken = new Error('broken archive');
    function* breaking(): Generator<Uint8Array> {
      yield bytes('half');
      throw broken;
    }

    expect(await failureOf(files().writeStream('/work/file', breaking(), 0o644))).toBe(broken);
    expect(await files().list('/work')).toEqual([]);
  });

  test('makes a directory and its parents, and keeps the mode of one that is there', async () => {
    await files().makeDirectory('/work/a/b', 0o700);
    await files().makeDirectory('/work/a/b');

    expect((await files().info('/work/a'))?.mode).toBe(0o755);
    expect((await files().info('/work/a/b'))?.mode).toBe(0o700);
  });
}

function testLinks({ files }: Current): void {
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

  test('gives up on a circle', async () => {
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

function testMoving({ files }: Current): void {
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

  test('does not exchange with what is not there', async () => {
    await files().write('/work/file', bytes('x'));

    expect(await failureOf(files().exchange('/work/file', '/work/no'))).toEqual([
      'KATA_HOST_FILE',
      'cannot exchange /work/file and /work/no',
      3,
      'ENOENT',
    ]);
  });
}

function testRemoving({ files }: Current): void {
  test('removes files, links and nothing', async () => {
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

function testLock({ host, files }: Current): void {
  test('one at a time holds a lock, and the other learns who', async () => {
    const seen: string[] = [];
    const first = await host().lock('/work/run/lock', { holder: 'first', timeoutMs: 5000 });
    expect(await text(files(), '/work/run/lock')).toBe('first\n');
    const second = host().lock('/work/run/lock', {
      holder: 'second',
      timeoutMs: 5000,
      onWait: (holder) => {
        seen.push(holder);
        void first.release();
      },
    });
    await (await second).release();

    expect(seen).toEqual(['first']);
    expect(await text(files(), '/work/run/lock')).toBe('');
  });

  test('gives up waiting for a lock, and names its holder', async () => {
    const first = await host().lock('/work/lock', { holder: 'first', timeoutMs: 5000 });
    const failure = await failureOf(host().lock('/work/lock', { holder: 'second', timeoutMs: 200 }));
    await first.release();
    await first.release();

    expect(failure).toEqual([
      'KATA_HOST_LOCKED',
      '/work/lock is still held by first after 0 s',
      5,
      undefined,
    ]);
  });

  test('told to end it waits no longer for a lock, and one that it holds stays', async () => {
    const told = new AbortController();
    const lock = async (onWait?: () => void): Promise<HostLock> =>
      await host().lock('/work/lock', {
        holder: 'me',
        timeoutMs: 60_000,
        signal: told.signal,
        ...(onWait === undefined ? {} : { onWait }),
      });
    const first = await lock();
    const failure = failureOf(lock(() => told.abort()));
    expect(await failure).toEqual([
      'KATA_HOST_LOCK_STOPPED',
      'told to end while waiting for /work/lock, held by me',
      143,
      undefined,
    ]);
    expect(await failureOf(lock())).toContain('KATA_HOST_LOCK_STOPPED');
    expect(await text(files(), '/work/lock')).toBe('me\n');
    await first.release();
  });
}

function testMachine({ host }: Current): void {
  test('has a boot, a clock and an architecture', async () => {
    expect(await host().bootId()).toMatch(/^[0-9a-f-]{36}$/);
    expect(host().now().getTime()).toBeGreaterThan(0);
    expect(host().architecture).toMatch(/^(?:amd64|arm64|s390x|ppc64le)$/);
  });
}
