/** No space and no leave to write, on file systems of their own that are mounted on a node: whatever fails is undone or finished. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readForeignSettings } from '../driver/engine-answers.ts';
import { FaultNode, install, saysWhy, type UndisturbedWalk } from '../driver/fault-node.ts';
import { LimitedDisk } from '../driver/limited-disk.ts';

const node = new FaultNode('test-disk-faults');
const full = 'ENOSPC: no space left on device';
const readOnly = 'EROFS: read-only file system';
let walk: UndisturbedWalk;
let [undone, passed] = [0, 0];

node.startsBare();

beforeAll(async () => {
  await node.up();
  walk = await node.walk();
});

afterAll(async () => {
  process.stderr.write(
    `disk: ${undone} runs failed and left the node as it was, ${passed} had room enough\n`,
  );
  await node.lab.down();
});

const mount = async (path: string): Promise<LimitedDisk> =>
  await LimitedDisk.mount(node.lab, node.name, path);

/** Commands on a node where 3.25.0 is in force and 3.24.0 was before; each needs only a little space. */
const small: readonly {
  readonly words: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}[] = [{ words: ['rollback'] }, { words: install, env: { DEBUG: 'true' } }];
const changing: typeof small = [...small, { words: ['cleanup'] }];

async function upgradeTwice(): Promise<void> {
  await node.succeed('3.24.0', install);
  await node.succeed('3.25.0', install);
}

test('a file system that is too small for the payload is refused before anything changes', async () => {
  await using disk = await mount('/opt');
  await disk.leavePages(4096);

  saysWhy(await node.run('3.24.0', install), 3, 'MB below /opt/kata, and', 'MB are free', 'free some space');

  expect(await node.state()).toEqual(walk.bare);
  undone += 1;
  await disk.makeRoom();
  await node.succeed('3.24.0', install);
  expect(await node.state()).toEqual(walk.installed);
  await node.succeed('3.24.0', ['cleanup']);
});

test('where so many files and no more can be made, an installation is undone wherever it stands', async () => {
  await using disk = await mount('/opt');
  const before = await disk.inodesUsed();
  await node.succeed('3.24.0', install);
  const needed = (await disk.inodesUsed()) - before;
  await node.succeed('3.24.0', ['cleanup']);

  for (const free of [0, 2, 5, Math.round(needed / 2), ...lastSteps(needed)]) {
    await disk.leaveInodes(free);
    const result = await node.run('3.24.0', install);
    await disk.makeRoom();
    if (result.exitCode === 0) {
      expect(await node.state()).toEqual(walk.installed);
      await node.succeed('3.24.0', ['cleanup']);
      passed += 1;
      continue;
    }
    saysWhy(result, 3, full, 'make room on the file system');
    expect(await node.state(), `${free} inodes`).toEqual(walk.bare);
    undone += 1;
  }

  await node.succeed('3.24.0', install);
  expect(await node.state()).toEqual(walk.installed);
  await node.succeed('3.24.0', ['cleanup']);
});

/** Around the end: journal, record, links and the engine's files are written there. */
function lastSteps(needed: number): readonly number[] {
  return Array.from({ length: 6 }, (_, i) => needed - 4 + i);
}

describe.each(small)('$words on a full disk', ({ words, env }) => {
  test('fails and changes nothing, however little room there is, and is done when there is some', async () => {
    await using disk = await mount('/opt');
    await upgradeTwice();
    const before = await node.state();
    for (let free = 0; ; free += 1) {
      await disk.leavePages(free);
      const result = await node.run('3.25.0', words, env);
      await disk.makeRoom();
      if (result.exitCode === 0) break;
      saysWhy(result, 3, full, 'make room on the file system');
      expect(await node.state(), `${free} pages`).toEqual(before);
      undone += 1;
    }
    passed += 1;
    const after = await node.state();
    await node.succeed('3.25.0', ['cleanup']);
    await upgradeTwice();
    await node.succeed('3.25.0', words, env);
    expect(await node.state()).toEqual(after);
    await node.succeed('3.25.0', ['cleanup']);
    expect(await node.state()).toEqual(walk.bare);
  });
});

test('a removal on a full disk goes on when there is room, however little there was', async () => {
  await using disk = await mount('/opt');
  await upgradeTwice();
  const { settings } = await node.state();
  for (let free = 0; ; free += 1) {
    await disk.leavePages(free);
    const result = await node.run('3.25.0', ['cleanup']);
    await disk.makeRoom();
    if (result.exitCode === 0) break;
    saysWhy(result, 3, full, 'make room on the file system');
    expect(await readForeignSettings(node.lab, node.name), `${free} pages`).toEqual(settings);
    undone += 1;
  }
  passed += 1;
  expect(await node.state()).toEqual(walk.bare);
});

describe("the file system of the engine's configuration", () => {
  test.each([
    { title: 'has no page left', limit: async (disk: LimitedDisk) => await disk.leavePages(0), says: full },
    { title: 'has no inode left', limit: async (disk: LimitedDisk) => await disk.leaveInodes(0), says: full },
    { title: 'is read-only', limit: async (disk: LimitedDisk) => await disk.remount('ro'), says: readOnly },
  ])('$title: the installation is undone', async ({ limit, says }) => {
    await using disk = await mount('/etc/containerd');
    await limit(disk);

    saysWhy(await node.run('3.24.0', install), 3, '/etc/containerd/', says);

    expect(await node.state()).toEqual(walk.bare);
    undone += 1;
    await disk.remount('rw');
    await disk.makeRoom();
    await node.succeed('3.24.0', install);
    expect(await node.state()).toEqual(walk.installed);
    await node.succeed('3.24.0', ['cleanup']);
  });
});

describe('an installation that is read-only', () => {
  test('refuses what would change it, and answers what would not', async () => {
    await using disk = await mount('/opt');
    await upgradeTwice();
    await disk.remount('ro');

    for (const { words, env } of changing) {
      saysWhy(await node.run('3.25.0', words, env), 3, readOnly, 'mount the file system writable');
      undone += 1;
    }
    for (const words of [['plan'], ['verify'], ['status'], ['releases', 'list']])
      await node.succeed('3.25.0', words);
    expect(await node.state()).toEqual(walk.upgraded);

    await disk.remount('rw');
    await node.succeed('3.25.0', ['cleanup']);
    expect(await node.state()).toEqual(walk.bare);
  });

  test('before the first one is refused, and nothing of it is left', async () => {
    await using disk = await mount('/opt');
    await disk.remount('ro');

    saysWhy(await node.run('3.24.0', install), 3, readOnly, 'mount the file system writable');

    undone += 1;
    expect(await node.state()).toEqual(walk.bare);
  });
});

/** The kernel refuses while a file is open for writing. */
const makeReadOnly = 'until mount -o remount,ro /opt 2>/dev/null; do kill -0 $pid || break; done';

describe('the file system becomes read-only', () => {
  test.each([
    { title: 'while the release is unpacked', when: 'ls -d /opt/kata/releases/3.25.0-*.new' },
    { title: 'when the release is there', when: 'ls -d /opt/kata/releases/3.25.0-????????' },
    { title: 'after the switch', when: 'readlink /opt/kata/current | grep -q 3.25.0' },
  ])('$title: the next run finishes', async ({ when }) => {
    await using disk = await mount('/opt');
    await node.succeed('3.24.0', install);

    const result = await node.runMeanwhile('3.25.0', install, { when, act: makeReadOnly });

    expect(result.moments).toBe(1);
    // It may have ended before the kernel obeyed.
    if (result.exitCode !== 0) expect([3, 7], result.stderr).toContain(result.exitCode);
    if (result.exitCode !== 0) expect(result.stderr).toContain('next: ');
    expect(await node.served()).toEqual(walk.installed.served);
    await disk.remount('rw');
    await node.succeed('3.25.0', install);
    expect(await node.state()).toEqual(walk.upgraded);
    await node.succeed('3.25.0', ['cleanup']);
    expect(await node.state()).toEqual(walk.bare);
  });
});
