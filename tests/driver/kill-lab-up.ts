/** Kills `lab up` at a random moment, then runs `lab down`: nothing may be left. */
import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { type LabDriver, labProgram } from './lab-driver.ts';
import { randomNumbers } from './random-numbers.ts';
import { compareSnapshots, takeSnapshot } from './machine-snapshot.ts';

export interface KillOptions {
  readonly lab: LabDriver;
  readonly upWords: readonly string[];
  readonly rootFileSystem: string;
  /** Milliseconds after the start of `lab up`. */
  readonly killAfterMs: number;
}

export interface KillResult {
  readonly killed: boolean;
  /** What exists afterwards and did not before. */
  readonly left: readonly string[];
}

export async function killLabUp(options: KillOptions): Promise<KillResult> {
  const before = await takeSnapshot(options.rootFileSystem);
  const child = spawn(labProgram, ['up', ...options.upWords], {
    env: { ...process.env, LAB_NAME: options.lab.name },
    stdio: 'ignore',
  });
  const ended = new Promise<NodeJS.Signals | null>((resolve) => {
    child.once('exit', (_, signal) => {
      resolve(signal);
    });
  });
  await Promise.race([ended, sleep(options.killAfterMs)]);
  child.kill('SIGKILL');
  const signal = await ended;
  await options.lab.down();
  return {
    killed: signal === 'SIGKILL',
    left: compareSnapshots(before, await takeSnapshot(options.rootFileSystem)),
  };
}

/** Moments spread over the duration of `lab up`, from a seed that a failing run prints. */
export function killMoments(count: number, durationMs: number, seed: number): readonly number[] {
  const random = randomNumbers(seed);
  return Array.from({ length: count }, (_, i) => Math.round(((i + random()) / count) * durationMs));
}
