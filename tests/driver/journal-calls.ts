/** Finds in a trace of strace the system calls that write the installer's journal: the points at which to kill it. */

export interface KillPoint {
  /** The name of the system call before which the installer is killed. */
  readonly call: string;
  /** The number of that call among the calls of its name, from 1. */
  readonly count: number;
}

export const traceFile = '/run/kata-test-trace';

/** With one thread for file operations, so that the calls of two runs have the same numbers. */
export const traceCalls: readonly string[] = [
  ...['/usr/bin/strace', '--follow-forks', '--quiet=attach', `--output=${traceFile}`],
  ...['--env=UV_THREADPOOL_SIZE=1', '--trace=/^rename,/^unlink,fsync'],
];

/** The call itself is not executed. */
export function killAt({ call, count }: KillPoint): readonly string[] {
  return [...traceCalls, `--inject=${call}:signal=SIGKILL:when=${count}`];
}

/**
 * Three for each action: before the journal has its first note, after that note and before the action, and after the
 * action and before its second note. After the second note nothing happens until the next note. Two more for the end
 * of the journal.
 */
export function readKillPoints(trace: string): readonly KillPoint[] {
  const all = [...trace.matchAll(/^(\d+) +(\w+)\((.*)$/gm)].map(([, thread, call = '', rest = '']) => ({
    thread,
    call,
    part: partOfJournal(call, rest),
  }));
  const ours = all.find(({ part }) => part !== undefined)?.thread;
  const counts = new Map<string, number>();
  const points: KillPoint[] = [];
  let notes = 0;
  let follows = false;
  for (const { call, part } of all.filter(({ thread }) => thread === ours)) {
    const point = { call, count: (counts.get(call) ?? 0) + 1 };
    counts.set(call, point.count);
    // The call right after a write of the journal is the sync of its directory: by then the write is visible.
    if (part !== undefined || follows) points.push(point);
    if (part === 'note') notes += 1;
    const isOfDone = part === 'note' && notes % 2 === 0;
    follows = part !== undefined && !isOfDone;
  }
  return points;
}

/** A removal also renames the installation, with its journal. */
function partOfJournal(call: string, rest: string): 'note' | 'end' | undefined {
  const isRename = call.startsWith('rename');
  if (rest.includes('"/host/opt/kata/state/journal.json"')) return isRename ? 'note' : 'end';
  return isRename && rest.includes('"/host/opt/kata.kata-removed"') ? 'end' : undefined;
}

/** Whether the thread was killed by the signal at its last call, before the call was executed. */
export function wasKilled(trace: string, { call }: KillPoint): boolean {
  const [, thread, last] =
    [...trace.matchAll(/^(\d+) +(?:<\.\.\. )?(\w+)(?:\(| resumed).* = \?$/gm)].at(-1) ?? [];
  const isEnded = new RegExp(`^${thread ?? 'none'} +\\+\\+\\+ killed by SIGKILL`, 'm').test(trace);
  return last === call && isEnded;
}
