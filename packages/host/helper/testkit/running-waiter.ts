/** For tests: the waiter as the chart starts it, with a directory in place of the node's root. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { waitFor } from '@kata/core';
import { beforeAll } from 'vitest';
import { buildHelper } from '../build-helper.ts';

/** A second of the waiter, shortened so that tests need not wait for its pauses. */
export const secondMs = 100;

export class RunningWaiter implements Disposable {
  readonly helper: string;
  /** Has the directories `engine`, with a file, and `prefix`. */
  readonly root: string;
  /** The file with the watched directories; missing at first. */
  list: string;
  /** Of the waiter and of the programs that it runs. */
  output = '';
  #child: ChildProcess | undefined;

  private constructor(helper: string, root: string) {
    this.helper = helper;
    this.root = root;
    this.list = join(root, 'watch');
  }

  static async prepare(helper: string, directory: string): Promise<RunningWaiter> {
    const root = await mkdtemp(join(directory, 'root-'));
    for (const name of ['engine', 'prefix']) await mkdir(join(root, name));
    await writeFile(join(root, 'engine/config.toml'), 'version = 3\n');
    return new RunningWaiter(helper, root);
  }

  /** `program` is shell text; `$1` is `drift` or `decide`. */
  start(program: string, second = secondMs, below: readonly string[] = ['--root', this.root]): ChildProcess {
    const child = spawn(
      this.helper,
      [
        ...['wait', '--watch', this.list, ...below, '--on-change', 'drift'],
        ...['--second', String(second)],
        ...['--', '/bin/sh', '-c', program, 'sh', 'decide'],
      ],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    );
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (text: Buffer) => {
        this.output += text.toString();
      });
    }
    this.#child = child;
    return child;
  }

  async watchBoth(): Promise<void> {
    await writeFile(this.list, '/engine\n/prefix\n');
  }

  /** @throws KataError when the output does not have the text `count` times within the time-out. */
  async until(text: string, count = 1, timeoutMs = 5000): Promise<void> {
    const seen = (): boolean => this.output.split(text).length - 1 >= count;
    const what = `${count} "${text}" in the output of the waiter`;
    await waitFor({ what, timeoutMs, intervalMs: 10 }, async () => (seen() ? true : undefined));
  }

  /** In seconds of the waiter, from start to start: a busy machine makes them longer, never shorter. */
  async pausesBetween(runs: number, second: number): Promise<readonly number[]> {
    await this.until(' at ', runs, 50_000);
    const starts = [...this.output.matchAll(/at (\d+)\d{6}\n/g)].map(([, milliseconds]) =>
      Number(milliseconds),
    );
    // Both ends are rounded to a millisecond.
    return starts.slice(1, runs).map((at, index) => (at - (starts[index] ?? 0) + 2) / second);
  }

  [Symbol.dispose](): void {
    this.#child?.kill('SIGKILL');
  }
}

/** Registers hooks that build the helper and remove all directories; the returned function prepares a waiter. */
export function useWaiters(): () => Promise<RunningWaiter> {
  let directory: string;
  let helper: string;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'kata-waiter-'));
    helper = join(directory, 'kata-helper');
    await buildHelper({ output: helper });
    return async () => {
      await rm(directory, { recursive: true, force: true });
    };
  });
  return async () => await RunningWaiter.prepare(helper, directory);
}
