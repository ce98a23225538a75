/** The waiter as the chart starts it: it watches what is ours, runs the program when that changed, and becomes the decision. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { waitFor } from '@kata/core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { buildHelper } from './build-helper.ts';

/** A second of the waiter, so that its pauses need not be waited for. */
const secondMs = 100;

let directory: string;
let helper: string;
let root: string;
let list: string;
let waiter: ChildProcess | undefined;
let output = '';

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'kata-waiter-'));
  helper = join(directory, 'kata-helper');
  await buildHelper({ output: helper });
});
beforeEach(async () => {
  root = await mkdtemp(join(directory, 'root-'));
  list = join(root, 'watch');
  for (const name of ['engine', 'prefix']) await mkdir(join(root, name));
  await writeFile(join(root, 'engine/config.toml'), 'version = 3\n');
  output = '';
});
afterEach(() => {
  waiter?.kill('SIGKILL');
});
afterAll(async () => {
  await rm(directory, { recursive: true, force: true });
});

/** `program` is a shell's text; `$1` is `drift` or `decide`. */
function start(program: string, second = secondMs, below = ['--root', root]): ChildProcess {
  const child = spawn(
    helper,
    [
      ...['wait', '--watch', list, ...below, '--on-change', 'drift'],
      ...['--second', String(second)],
      ...['--', '/bin/sh', '-c', program, 'sh', 'decide'],
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (text: Buffer) => {
      output += text.toString();
    });
  }
  waiter = child;
  return child;
}

async function until(text: string, count = 1, timeoutMs = 5000): Promise<void> {
  await waitFor({ what: `${count} "${text}" in "${output}"`, timeoutMs, intervalMs: 10 }, async () =>
    output.split(text).length - 1 >= count ? true : undefined,
  );
}

/** In seconds of the waiter, from start to start: a busy machine makes them longer, never shorter. */
async function pausesBetween(runs: number, second: number): Promise<readonly number[]> {
  await until(' at ', runs, 50_000);
  const starts = [...output.matchAll(/at (\d+)\d{6}\n/g)].map(([, milliseconds]) => Number(milliseconds));
  // Both ends are rounded to a millisecond.
  return starts.slice(1, runs).map((at, index) => (at - (starts[index] ?? 0) + 2) / second);
}

/** Hundredths of a second that it computed, itself and for it the kernel. */
async function cpuTicks(pid: number | undefined): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  const [user, system] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 13);
  return Number(user) + Number(system);
}

const watchBoth = async (): Promise<void> => await writeFile(list, '/engine\n/prefix\n');

describe('issue 12.21: drift', () => {
  test('a file that is replaced, or removed, and stays so runs the program once, in less than a megabyte', async () => {
    await watchBoth();
    const child = start('echo "ran $1"');
    await until('ran drift\n');
    const status = await readFile(`/proc/${child.pid}/status`, 'utf8');
    const residentKiB = Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]);
    // oxlint-disable-next-line no-console -- the figure is wanted in the log of each run
    console.log(`kata-helper wait --watch: ${residentKiB} KiB resident`);
    expect(residentKiB).toBeLessThan(1024);

    await writeFile(join(root, 'engine/.new'), 'version = 2\n');
    await rename(join(root, 'engine/.new'), join(root, 'engine/config.toml'));
    const at = performance.now();
    await until('ran drift\n', 2);
    expect(performance.now() - at).toBeLessThan(1500);

    await sleep(5 * secondMs);
    expect(output).toBe('ran drift\nran drift\n');
    await rm(join(root, 'engine/config.toml'));
    await until('ran drift\n', 3);
  });

  test('a neighbour who changes files all the time keeps nobody from hearing of it within 15 s', async () => {
    await watchBoth();
    start('echo "ran $1"');
    await until('ran drift\n');

    const at = performance.now();
    const busy = setInterval(
      () => void writeFile(join(root, 'prefix/busy'), `${performance.now()}`),
      secondMs / 2,
    );
    try {
      await until('ran drift\n', 2);
      expect(performance.now() - at).toBeLessThan(15 * secondMs);
    } finally {
      clearInterval(busy);
    }
  });

  test('without a root of the node it is told to end as with one', async () => {
    await writeFile(list, `${join(root, 'engine')}\n`);
    const child = start('echo "ran $1"', secondMs, []);
    await until('ran drift\n');

    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    expect(await Promise.race([ended, sleep(5000, 'never')])).toEqual([0, null]);
    expect(output).toBe('ran drift\nran decide\n');
  });

  test('the last of many directories is watched like the first', async () => {
    // All handlers with their variants under a long prefix are 149 directories in 21 KiB.
    const longPath = `prefix/${'x'.repeat(150)}`;
    const names = Array.from({ length: 150 }, (_, index) => `${longPath}/${index}`);
    for (const name of names) await mkdir(join(root, name), { recursive: true });
    await writeFile(list, names.map((name) => `/${name}\n`).join(''));
    start('echo "ran $1"');
    await until('ran drift\n');

    await writeFile(join(root, names.at(-1) ?? '', 'file'), 'x');
    await until('ran drift\n', 2);
  });

  test('a link that leads nowhere and is made anew is a change, a link beside it is none', async () => {
    await mkdir(join(root, 'units'));
    await symlink('one', join(root, 'units/kubelet'));
    await writeFile(list, '/engine\n/units/kubelet\n');
    start('echo "ran $1"');
    await until('ran drift\n');

    await symlink('one', join(root, 'units/other'));
    await sleep(12 * secondMs);
    expect(output).toBe('ran drift\n');
    await symlink('two', join(root, 'units/.new'));
    await rename(join(root, 'units/.new'), join(root, 'units/kubelet'));

    await until('ran drift\n', 2);
  });

  test('what comes and goes again runs nothing', async () => {
    await watchBoth();
    start('echo "ran $1"');
    await until('ran drift\n');

    await writeFile(join(root, 'prefix/.tmp'), 'x');
    await rm(join(root, 'prefix/.tmp'));
    await sleep(12 * secondMs);

    expect(output).toBe('ran drift\n');
  });

  test('without a list nothing is watched; one that comes later counts', async () => {
    start('echo "ran $1"');
    await writeFile(join(root, 'engine/config.toml'), 'version = 2\n');
    await sleep(5 * secondMs);
    expect(output).toBe('');

    await watchBoth();

    await until('ran drift\n');
  });

  test('a folder that is removed and made anew is watched again', async () => {
    await watchBoth();
    start('echo "ran $1"');
    await until('ran drift\n');
    await rm(join(root, 'engine'), { recursive: true });
    await until('ran drift\n', 2);
    await mkdir(join(root, 'engine'));
    await until('ran drift\n', 3);

    await writeFile(join(root, 'engine/config.toml'), 'x');

    await until('ran drift\n', 4);
  });

  test('whoever changes it again and again is answered more and more seldom', async () => {
    await watchBoth();
    // 10: something was found.
    start(`echo "ran $1"; date +%N > ${join(root, 'engine/config.toml')}; exit 10`);
    await sleep(25 * secondMs);

    const runs = output.split('ran drift\n').length - 1;
    expect(runs).toBeGreaterThan(2);
    expect(runs).toBeLessThan(6);
  });

  test('the longest pause does not make it forget that it is the longest', { timeout: 60_000 }, async () => {
    const second = 2;
    await watchBoth();
    start(`echo "ran $1 at $(date +%s%N)"; date +%N > ${join(root, 'engine/config.toml')}; exit 10`, second);
    const pauses = await pausesBetween(12, second);

    expect(Math.min(...pauses.slice(-2))).toBeGreaterThanOrEqual(600);
  });
});

describe('a run that fails', { timeout: 60_000 }, () => {
  test('keeps nobody from hearing within 15 s of what changes while it ends', async () => {
    await watchBoth();
    start('echo "ran $1"; exit 3');
    await until('ran drift\n');

    const at = performance.now();
    await writeFile(join(root, 'engine/config.toml'), 'x');
    await until('ran drift\n', 2);

    expect(performance.now() - at).toBeLessThan(15 * secondMs);
  });

  test.each(['exit 3', 'exit 5', 'kill -9 $$'])(
    'by %s is tried again, more and more seldom, also when it changes something itself',
    async (end) => {
      const second = 10;
      await watchBoth();
      start(`echo "ran $1 at $(date +%s%N)"; date +%N > ${join(root, 'engine/config.toml')}; ${end}`, second);
      const [first = 0, next = 0, last = 0] = await pausesBetween(4, second);

      expect(first).toBeGreaterThanOrEqual(5);
      expect(next).toBeGreaterThanOrEqual(10);
      expect(last).toBeGreaterThanOrEqual(20);
    },
  );

  test('in the end is tried again once an hour', async () => {
    const second = 1;
    await watchBoth();
    start('echo "ran $1 at $(date +%s%N)"; exit 3', second);

    const pauses = await pausesBetween(9, second);

    expect(pauses.at(-1)).toBeGreaterThanOrEqual(3600);
  });

  test('again and again is tried within a minute when something changes', async () => {
    const second = 20;
    await watchBoth();
    start('echo "ran $1"; exit 2', second);
    // The next pause is 160 s.
    await until('ran drift\n', 6, 20_000);

    const at = performance.now();
    await writeFile(join(root, 'engine/config.toml'), 'x');
    await until('ran drift\n', 7);

    expect(performance.now() - at).toBeLessThan(100 * second);
  });

  test.each([75, 143])(
    'by exit %i, which says that it is worth it, is tried again every 5 s',
    async (code) => {
      const second = 10;
      await watchBoth();
      start(`echo "ran $1 at $(date +%s%N)"; exit ${code}`, second);

      const pauses = await pausesBetween(6, second);

      expect(Math.min(...pauses)).toBeGreaterThanOrEqual(5);
      // Each twice the one before, they would be 5 + 10 + 20 + 40 + 80.
      expect(pauses.reduce((sum, pause) => sum + pause)).toBeLessThan(155);
    },
  );
});

describe('what is lost', () => {
  test('the folder with the list in it: that is a change, and the directories go on being watched', async () => {
    list = join(root, 'prefix/state/watch');
    await mkdir(join(root, 'prefix/state'));
    await watchBoth();
    start('echo "ran $1"');
    await until('ran drift\n');

    await rm(join(root, 'prefix'), { recursive: true });
    await until('ran drift\n', 2);
    await writeFile(join(root, 'engine/config.toml'), 'x');

    await until('ran drift\n', 3);
  });

  test('only the list: that is a change', async () => {
    await watchBoth();
    start('echo "ran $1"');
    await until('ran drift\n');

    await rm(list);

    await until('ran drift\n', 2);
  });

  test('the list, and it comes back as it was: that is as before', async () => {
    await watchBoth();
    start('echo "ran $1"');
    await until('ran drift\n');
    await rm(list);
    await until('ran drift\n', 2);

    await watchBoth();
    await until('ran drift\n', 3);
    await sleep(15 * secondMs);

    expect(output).toBe('ran drift\n'.repeat(3));
  });

  test('inotify, as when its watches run out: it goes on by looking, and sleeps meanwhile', async () => {
    await watchBoth();
    const { pid } = start('echo "ran $1"');
    await until('ran drift\n');
    // Of a link to itself no watch can be had either.
    await symlink('loop', join(root, 'loop'));
    await writeFile(list, '/engine\n/prefix\n/loop\n');
    await until('looking every few seconds instead\n');
    await until('ran drift\n', 2);

    const before = await cpuTicks(pid);
    await sleep(10 * secondMs);
    expect((await cpuTicks(pid)) - before).toBeLessThan(10);

    await writeFile(join(root, 'engine/config.toml'), 'x');
    await until('ran drift\n', 3);
  });
});

describe('SIGTERM', () => {
  test('while the program runs: that is told, then the waiter becomes the decision', async () => {
    await watchBoth();
    const child = start(
      '[ $1 = decide ] && { echo decided; exit 0; }; trap "echo stopped; exit 143" TERM; echo running; while :; do sleep 0.05; done',
    );
    await until('running\n');

    child.kill('SIGTERM');

    expect(await once(child, 'exit')).toEqual([0, null]);
    expect(output).toBe('running\nstopped\ndecided\n');
  });

  test('a sleeping container ends at once, and well', async () => {
    const child = spawn(helper, ['pause'], { stdio: 'ignore' });
    await sleep(100);
    const at = performance.now();
    child.kill('SIGTERM');

    expect(await once(child, 'exit')).toEqual([0, null]);
    expect(performance.now() - at).toBeLessThan(500);
  });
});
