/** The process of a step of a workflow. The nodes of a lab are containers, so it is a process of this machine. */
import { readdir, readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { waitFor } from '@kata/core';

export interface WantedStep {
  /** The uid of the workflow, which is in the arguments. */
  readonly workflow: string;
  readonly step: string;
}

export class StepProcess {
  readonly pid: number;

  constructor(pid: number) {
    this.pid = pid;
  }

  get isRunning(): boolean {
    return send(this.pid, 0);
  }

  /** With what it has started. */
  async stop(): Promise<void> {
    send(this.pid, 'SIGSTOP');
    for (const child of await childrenOf(this.pid)) send(child, 'SIGSTOP');
  }

  async continue(): Promise<void> {
    for (const child of await childrenOf(this.pid)) send(child, 'SIGCONT');
    send(this.pid, 'SIGCONT');
  }

  kill(): void {
    send(this.pid, 'SIGKILL');
  }

  /** A program that it has started. */
  async child(program: string): Promise<number | undefined> {
    for (const pid of await childrenOf(this.pid)) {
      if (basename((await readArguments(pid))[0] ?? '') === program) return pid;
    }
    return undefined;
  }
}

export async function waitForStep(wanted: WantedStep): Promise<StepProcess> {
  const what = `step ${wanted.step} of workflow ${wanted.workflow} to run`;
  return await waitFor({ what, timeoutMs: 300_000, intervalMs: 30 }, async () => await findStep(wanted));
}

async function findStep({ workflow, step }: WantedStep): Promise<StepProcess | undefined> {
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const argv = await readArguments(Number(name));
    // Argo's executor has the same arguments, and starts the program.
    const isProgram = basename(argv[0] ?? '') === 'node';
    const isStep = argv[argv.indexOf('step') + 1] === step && argv.includes(`--workflow=${workflow}`);
    if (isProgram && isStep) return new StepProcess(Number(name));
  }
  return undefined;
}

async function readArguments(pid: number): Promise<readonly string[]> {
  return (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split('\0');
}

async function childrenOf(pid: number): Promise<readonly number[]> {
  const threads = await readdir(`/proc/${pid}/task`).catch(() => []);
  const lists = await Promise.all(
    threads.map(
      async (thread) => await readFile(`/proc/${pid}/task/${thread}/children`, 'utf8').catch(() => ''),
    ),
  );
  return lists.flatMap((list) => list.split(' ').filter((text) => text !== '')).map(Number);
}

/** False when there is no such process any more. */
function send(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}
