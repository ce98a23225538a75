/** The calls of the kernel that carry the installer's journal, as strace sees them: where it can be killed, by number. */
import { imageDirectory } from './node-installer.ts';

export interface KillPoint {
  /** The name of the call before which the installer is killed. */
  readonly call: string;
  /** Which of its calls of that name, from 1. */
  readonly count: number;
  /** Of the call that puts a note in force. */
  readonly side: 'before' | 'after';
}

export const traceFile = '/run/kata-test-trace';
const journal = '/opt/kata/state/journal.json';
const [installation, removed] = ['/opt/kata', '/opt/kata.kata-removed'];

/**
 * With the files' worker thread alone, so that the calls of two runs have the same numbers. A path in a call is the
 * installer's, that of a descriptor is the tracer's.
 */
export function traceCalls(image: string): readonly string[] {
  const inCalls = [journal, installation, removed].map((path) => `/host${path}`);
  const ofDescriptors = ['/opt/kata/state', '/opt'].map((path) => `${imageDirectory(image)}/host${path}`);
  return [
    ...['/usr/bin/strace', '--follow-forks', '--quiet=attach,path-resolve', `--output=${traceFile}`],
    ...['--env=UV_THREADPOOL_SIZE=1', '--trace=/^rename,/^unlink,fsync'],
    ...[...inCalls, ...ofDescriptors].map((path) => `--trace-path=${path}`),
  ];
}

/** Before the call begins. */
export function killAt(image: string, { call, count }: KillPoint): readonly string[] {
  return [...traceCalls(image), `--inject=${call}:signal=SIGKILL:when=${count}`];
}

/** Before and after each call that notes something, ends the journal, or lets the installation go. */
export function readKillPoints(trace: string): readonly KillPoint[] {
  const calls = [...trace.matchAll(/^(\d+) +(\w+)\((.*)$/gm)].map(([, thread, call = '', rest = '']) => ({
    thread,
    call,
    rest,
  }));
  if (new Set(calls.map(({ thread }) => thread)).size > 1) {
    throw new Error(`calls of several threads have no numbers:\n${trace}`);
  }
  const counts = new Map<string, number>();
  const points: KillPoint[] = [];
  let isAfter = false;
  for (const { call, rest } of calls) {
    const count = (counts.get(call) ?? 0) + 1;
    counts.set(call, count);
    if (carriesJournal(rest)) points.push({ call, count, side: 'before' });
    else if (isAfter) points.push({ call, count, side: 'after' });
    isAfter = carriesJournal(rest);
  }
  return points;
}

function carriesJournal(rest: string): boolean {
  return rest.includes(`"/host${journal}"`) || rest.includes(`"/host${removed}"`);
}

/** Whether it ended by the signal. */
export function wasKilled(trace: string): boolean {
  return trace.includes('+++ killed by SIGKILL +++');
}
