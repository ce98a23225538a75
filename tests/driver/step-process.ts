/** The process of a step of a workflow. The nodes of a lab are containers, so it is a process of this machine. */
import { readdirSync, readFileSync } from 'node:fs';
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
  stop(): void {
    send(this.pid, 'SIGSTOP');
    for (const child of childrenOf(this.pid)) send(child, 'SIGSTOP');
  }

  continue(): void {
    for (const child of childrenOf(this.pid)) send(child, 'SIGCONT');
    send(this.pid, 'SIGCONT');
  }

  kill(): void {
    send(this.pid, 'SIGKILL');
  }

  /** Whether it has started the program, and that runs. */
  runs(program: string): boolean {
    return childrenOf(this.pid).some((pid) => basename(readArguments(pid)[0] ?? '') === program);
  }
}

export async function waitForStep(wanted: WantedStep): Promise<StepProcess> {
  const what = `step ${wanted.step} of workflow ${wanted.workflow} to run`;
  return await waitFor(
    { what, timeoutMs: 300_000, intervalMs: 20 },
    async () => await Promise.resolve(findStep(wanted)),
  );
}

/** Synchronously, because some steps run only for a moment, and a busy machine answers late. */
function findStep({ workflow, step }: WantedStep): StepProcess | undefined {
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const argv = readArguments(Number(name));
    // Argo's executor has the same arguments, and starts the program.
    const isProgram = basename(argv[0] ?? '') === 'node';
    const isStep = argv[argv.indexOf('step') + 1] === step && argv.includes(`--workflow=${workflow}`);
    if (isProgram && isStep) return new StepProcess(Number(name));
  }
  return undefined;
}

function readArguments(pid: number): readonly string[] {
  return readText(`/proc/${pid}/cmdline`).split('\0');
}

function childrenOf(pid: number): readonly number[] {
  const lists = threadsOf(pid).map((thread) => readText(`/proc/${pid}/task/${thread}/children`));
  return lists.flatMap((list) => list.split(' ').filter((text) => text !== '')).map(Number);
}

function threadsOf(pid: number): readonly string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return [];
  }
}

/** Empty when the process has ended. */
function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** False when there is no such process any more. */
function send(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}
