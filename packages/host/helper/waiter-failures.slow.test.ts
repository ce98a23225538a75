/** What the waiter does when its runs fail, and when its list, a watched directory or inotify is lost. */
import { mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, test } from 'vitest';
import { secondMs, useWaiters } from './testkit/running-waiter.ts';

const newWaiter = useWaiters();

/** User and system time of a process, in hundredths of a second. */
async function cpuTicks(pid: number | undefined): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  const [user, system] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 13);
  return Number(user) + Number(system);
}

describe.concurrent('a run that fails', { timeout: 60_000 }, () => {
  test('does not delay the reaction to a change during its end by more than 15 s', async ({ expect }) => {
    using waiter = await newWaiter();
    await waiter.watchBoth();
    waiter.start('echo "ran $1"; exit 3');
    await waiter.until('ran drift\n');

    const at = performance.now();
    await writeFile(join(waiter.root, 'engine/config.toml'), 'x');
    await waiter.until('ran drift\n', 2);

    expect(performance.now() - at).toBeLessThan(15 * secondMs);
  });

  test.for(['exit 3', 'exit 5', 'kill -9 $$'])(
    'with %s is repeated after growing pauses, even when it changes something itself',
    async (end, { expect }) => {
      using waiter = await newWaiter();
      const second = 10;
      await waiter.watchBoth();
      waiter.start(
        `echo "ran $1 at $(date +%s%N)"; date +%N > ${join(waiter.root, 'engine/config.toml')}; ${end}`,
        second,
      );
      const [first = 0, next = 0, last = 0] = await waiter.pausesBetween(4, second);

      expect(first).toBeGreaterThanOrEqual(5);
      expect(next).toBeGreaterThanOrEqual(10);
      expect(last).toBeGreaterThanOrEqual(20);
    },
  );

  test('is finally repeated once an hour', async ({ expect }) => {
    using waiter = await newWaiter();
    const second = 1;
    await waiter.watchBoth();
    waiter.start('echo "ran $1 at $(date +%s%N)"; exit 3', second);

    const pauses = await waiter.pausesBetween(9, second);

    expect(pauses.at(-1)).toBeGreaterThanOrEqual(3600);
  });

  test('repeatedly is repeated within a minute when something changes', async ({ expect }) => {
    using waiter = await newWaiter();
    const second = 20;
    await waiter.watchBoth();
    waiter.start('echo "ran $1"; exit 2', second);
    // The next pause is 160 s.
    await waiter.until('ran drift\n', 6, 20_000);

    const at = performance.now();
    await writeFile(join(waiter.root, 'engine/config.toml'), 'x');
    await waiter.until('ran drift\n', 7);

    expect(performance.now() - at).toBeLessThan(100 * second);
  });

  test.for([75, 143])('with the temporary exit code %i is repeated every 5 s', async (code, { expect }) => {
    using waiter = await newWaiter();
    const second = 50;
    await waiter.watchBoth();
    waiter.start(`echo "ran $1 at $(date +%s%N)"; exit ${code}`, second);

    const pauses = await waiter.pausesBetween(6, second);

    expect(Math.min(...pauses)).toBeGreaterThanOrEqual(5);
    // Growing pauses would be at least 20 from the third on; a busy machine makes some longer.
    expect(Math.min(...pauses.slice(2))).toBeLessThan(20);
  });
});

describe.concurrent('a loss of', () => {
  test('the directory with the list is a change, and the directories are still watched', async ({
    expect,
  }) => {
    using waiter = await newWaiter();
    waiter.list = join(waiter.root, 'prefix/state/watch');
    await mkdir(join(waiter.root, 'prefix/state'));
    await waiter.watchBoth();
    waiter.start('echo "ran $1"');
    await waiter.until('ran drift\n');

    await rm(join(waiter.root, 'prefix'), { recursive: true });
    await waiter.until('ran drift\n', 2);
    await writeFile(join(waiter.root, 'engine/config.toml'), 'x');

    await waiter.until('ran drift\n', 3);
    expect(waiter.output).toBe('ran drift\n'.repeat(3));
  });

  test('only the list is a change', async ({ expect }) => {
    using waiter = await newWaiter();
    await waiter.watchBoth();
    waiter.start('echo "ran $1"');
    await waiter.until('ran drift\n');

    await rm(waiter.list);

    await waiter.until('ran drift\n', 2);
    expect(waiter.output).toBe('ran drift\n'.repeat(2));
  });

  test('the list is over when the same list is restored', async ({ expect }) => {
    using waiter = await newWaiter();
    await waiter.watchBoth();
    waiter.start('echo "ran $1"');
    await waiter.until('ran drift\n');
    await rm(waiter.list);
    await waiter.until('ran drift\n', 2);

    await waiter.watchBoth();
    await waiter.until('ran drift\n', 3);
    await sleep(15 * secondMs);

    expect(waiter.output).toBe('ran drift\n'.repeat(3));
  });

  test('inotify, as when its watches run out, makes it poll, and sleep in between', async ({ expect }) => {
    using waiter = await newWaiter();
    await waiter.watchBoth();
    const { pid } = waiter.start('echo "ran $1"');
    await waiter.until('ran drift\n');
    // A link to itself cannot be watched.
    await symlink('loop', join(waiter.root, 'loop'));
    await writeFile(waiter.list, '/engine\n/prefix\n/loop\n');
    await waiter.until('polling every few seconds instead\n');
    await waiter.until('ran drift\n', 2);

    const before = await cpuTicks(pid);
    await sleep(10 * secondMs);
    expect((await cpuTicks(pid)) - before).toBeLessThan(10);

    await writeFile(join(waiter.root, 'engine/config.toml'), 'x');
    await waiter.until('ran drift\n', 3);
  });
});
