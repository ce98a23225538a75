/** Full and read-only file systems on a node: a failed run is rolled back, or the next run finishes it. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type Environment,
  FaultNode,
  install,
  type NodeState,
  expectFailure,
  type UndisturbedWalk,
} from '../driver/fault-node.ts';
import { LimitedDisk } from '../driver/limited-disk.ts';

const node = new FaultNode('test-disk-faults');
const noSpace = 'ENOSPC: no space left on device';
const makeSome = 'free space on the file system';
const readOnly = 'EROFS: read-only file system';
/** Before the first change. */
const isReadOnly = ['/opt/kata is on the mount /opt, which is ro', 'mount it rw'];
let walk: UndisturbedWalk;
let [failed, passed] = [0, 0];

node.restoreAfterFailure();

beforeAll(async () => {
  await node.up();
  walk = await node.walk();
});

afterAll(async () => {
  process.stderr.write(`disk: ${failed} runs failed, ${passed} had enough space\n`);
  await node.lab.down();
});

const mount = async (path: string): Promise<LimitedDisk> =>
  await LimitedDisk.mount(node.lab, node.name, path);

interface Command {
  readonly words: readonly string[];
  readonly env?: Environment;
}

/** On a node where 3.25.0 is active and 3.24.0 is the rollback target. */
const change: Command = { words: install, env: { DEBUG: 'true' } };

async function upgradeTwice(): Promise<void> {
  await node.succeed('3.24.0', install);
  await node.succeed('3.25.0', install);
}

/** Runs it under the limit; undefined when it succeeded. */
async function failUnder(
  limit: string,
  disk: LimitedDisk,
  version: string,
  { words, env }: Command,
): Promise<NodeState | undefined> {
  const { result, state } = await node.attempt(version, words, env, { before: limit, after: disk.makeRoom });
  if (result.exitCode === 0) {
    passed += 1;
    return undefined;
  }
  expectFailure(result, 3, noSpace, makeSome);
  failed += 1;
  return state;
}

test('a file system that is too small for the payload is refused before anything changes', async () => {
  await using disk = await mount('/opt');
  await disk.apply(disk.leavePages(4096));

  expectFailure(
    await node.run('3.24.0', install),
    3,
    'MB below /opt/kata, and',
    'MB are free on ',
    '(mount /opt)',
    'free some space',
  );

  expect(await node.state()).toEqual(walk.bare);
  failed += 1;
  await disk.apply(disk.makeRoom);
  await node.succeed('3.24.0', install);
  expect(await node.state()).toEqual(walk.installed);
  await node.succeed('3.24.0', ['cleanup']);
});

test('an installation that runs out of inodes at any step is rolled back', async () => {
  await using disk = await mount('/opt');
  const before = await disk.inodesUsed();
  await node.succeed('3.24.0', install);
  const needed = (await disk.inodesUsed()) - before;
  await node.succeed('3.24.0', ['cleanup']);

  for (const free of [0, 2, 5, Math.round(needed / 2), ...lastSteps(needed)]) {
    const state = await failUnder(disk.leaveInodes(free), disk, '3.24.0', { words: install });
    if (state === undefined) await node.succeed('3.24.0', ['cleanup']);
    else expect(state, `${free} inodes`).toEqual(walk.bare);
  }

  await node.succeed('3.24.0', install);
  expect(await node.state()).toEqual(walk.installed);
  await node.succeed('3.24.0', ['cleanup']);
});

/** Around the end, when journal, record, links and the engine's files are written. */
function lastSteps(needed: number): readonly number[] {
  return Array.from({ length: 6 }, (_, i) => needed - 4 + i);
}

test('other settings on a full disk change nothing, however little space is left', async () => {
  await using disk = await mount('/opt');
  await upgradeTwice();
  const before = await node.state();
  for (const free of [0, 1, 4096]) {
    await disk.apply(disk.leavePages(free));
    expectFailure(
      await node.run('3.25.0', change.words, change.env),
      3,
      'MB below /opt/kata, and',
      'free some space',
    );
    failed += 1;
    expect(await node.state(), `${free} pages`).toEqual(before);
  }
  await disk.apply(disk.makeRoom);
  for (let free = 0; ; free += free < 8 ? 1 : 8) {
    const state = await failUnder(disk.leaveInodes(free), disk, '3.25.0', change);
    if (state === undefined) break;
    expect(state, `${free} inodes`).toEqual(before);
  }

  const after = await node.state();
  await node.succeed('3.25.0', ['cleanup']);
  await upgradeTwice();
  await node.succeed('3.25.0', change.words, change.env);
  expect(await node.state()).toEqual(after);
  await node.succeed('3.25.0', ['cleanup']);
  expect(await node.state()).toEqual(walk.bare);
});

describe('a disk that is full to the last byte (issue 12.16)', () => {
  const rooms = [
    { title: 'no page', limit: (disk: LimitedDisk) => disk.leavePages(0) },
    { title: 'no inode', limit: (disk: LimitedDisk) => disk.leaveInodes(0) },
  ];

  test.each(rooms)(
    '$title is left: a rollback uses the reserve, and the next installation recreates it',
    async ({ limit }) => {
      await using disk = await mount('/opt');
      await upgradeTwice();
      await disk.apply(limit(disk));

      await node.succeed('3.25.0', ['rollback']);

      const { served } = await node.state();
      expect(served).toEqual(walk.rolledBack.served);
      passed += 1;
      await disk.apply(disk.makeRoom);
      await node.succeed('3.25.0', install);
      expect(await disk.apply('cat /opt/kata/state/reserve/* | wc --bytes')).toBe('1048576');
      await node.succeed('3.25.0', ['cleanup']);
      expect(await node.state()).toEqual(walk.bare);
    },
  );

  test.each(rooms)('$title is left: a removal succeeds and reports what it freed', async ({ limit }) => {
    await using disk = await mount('/opt');
    await upgradeTwice();
    await disk.apply(limit(disk));

    const said = await node.succeed('3.25.0', ['cleanup']);

    expect(said).toMatch(
      / Freed [\d.]+ MB: 3\.24\.0-[0-9a-f]{8} [\d.]+ MB, 3\.25\.0-[0-9a-f]{8} [\d.]+ MB\./,
    );
    passed += 1;
    await disk.apply(disk.makeRoom);
    expect(await node.state()).toEqual(walk.bare);
  });
});

describe("the file system of the engine's configuration", () => {
  test.each([
    { title: 'has no page left', limit: (disk: LimitedDisk) => disk.leavePages(0), message: noSpace },
    { title: 'has no inode left', limit: (disk: LimitedDisk) => disk.leaveInodes(0), message: noSpace },
    { title: 'is read-only', limit: (disk: LimitedDisk) => disk.makeReadOnly, message: readOnly },
  ])('$title: the installation is rolled back', async ({ limit, message }) => {
    await using disk = await mount('/etc/containerd');
    await disk.apply(limit(disk));

    expectFailure(await node.run('3.24.0', install), 3, '/etc/containerd/', message);

    expect(await node.state()).toEqual(walk.bare);
    failed += 1;
    await disk.apply(disk.makeWritable);
    await disk.apply(disk.makeRoom);
    await node.succeed('3.24.0', install);
    expect(await node.state()).toEqual(walk.installed);
    await node.succeed('3.24.0', ['cleanup']);
  });
});

describe('a file system that is read-only', () => {
  test('refuses commands that change the installation, and allows those that read it', async () => {
    await using disk = await mount('/opt');
    await upgradeTwice();
    await disk.apply(disk.makeReadOnly);

    for (const { words, env } of [
      change,
      { words: ['rollback'] },
      { words: ['plan'] },
      { words: ['cleanup'] },
    ]) {
      expectFailure(await node.run('3.25.0', words, env), 3, ...isReadOnly);
      failed += 1;
    }
    for (const words of [['verify'], ['status'], ['releases', 'list']]) await node.succeed('3.25.0', words);
    expect(await node.state()).toEqual(walk.upgraded);

    await disk.apply(disk.makeWritable);
    await node.succeed('3.25.0', ['cleanup']);
    expect(await node.state()).toEqual(walk.bare);
  });

  test('is refused by the first installation, and nothing is left of it', async () => {
    await using disk = await mount('/opt');
    await disk.apply(disk.makeReadOnly);

    expectFailure(await node.run('3.24.0', install), 3, ...isReadOnly);

    failed += 1;
    expect(await node.state()).toEqual(walk.bare);
  });
});

/** Retries, because the kernel refuses while a file is open for writing. */
const whenItCan = (makeReadOnly: string): string =>
  `until ${makeReadOnly} 2>/dev/null; do kill -0 $pid || break; done`;

describe('the file system becomes read-only', () => {
  test.each([
    { title: 'while the release is unpacked', when: 'ls -d /opt/kata/releases/3.25.0-*.new' },
    { title: 'when the release is complete', when: 'ls -d /opt/kata/releases/3.25.0-????????' },
    { title: 'after the switch', when: 'readlink /opt/kata/current | grep -q 3.25.0' },
  ])('$title: the next run finishes', async ({ when }) => {
    await using disk = await mount('/opt');
    await node.succeed('3.24.0', install);

    const result = await node.runMeanwhile('3.25.0', install, { when, act: whenItCan(disk.makeReadOnly) });

    expect(result.moments).toBe(1);
    // The run may have ended before the remount succeeded.
    if (result.exitCode === 0) passed += 1;
    else {
      failed += 1;
      expectFailure(result, result.exitCode === 3 ? 3 : 7, readOnly);
    }
    expect(await node.served()).toEqual(walk.installed.served);
    await disk.apply(disk.makeWritable);
    await node.succeed('3.25.0', install);
    expect(await node.state()).toEqual(walk.upgraded);
    await node.succeed('3.25.0', ['cleanup']);
    expect(await node.state()).toEqual(walk.bare);
  });
});
