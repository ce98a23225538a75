/** The calls of the kernel that carry the installer's journal, as strace sees them: where it can be killed, by number. */

export interface KillPoint {
  /** The name of the call before which the installer is killed. */
  readonly call: string;
  /** Which of its calls of that name, from 1. */
  readonly count: number;
}

export const traceFile = '/run/kata-test-trace';

/** With one thread for all work on files, so that the calls of two runs have the same numbers. */
export const traceCalls: readonly string[] = [
  ...['/usr/bin/strace', '--follow-forks', '--quiet=attach', `--output=${traceFile}`],
  ...['--env=UV_THREADPOOL_SIZE=1', '--trace=/^rename,/^unlink,fsync'],
];

/** The call itself is not made any more. */
export function killAt({ call, count }: KillPoint): readonly string[] {
  return [...traceCalls, `--inject=${call}:signal=SIGKILL:when=${count}`];
}

/**
 * Three for each action: before the journal notes it, when that is noted and nothing done, and when it is done but not
 * noted. When that is noted, nothing is done before the next note. Two more for the end of the journal.
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
    // What follows a part of the journal at once is the sync of its directory: it is in force by then.
    if (part !== undefined || follows) points.push(point);
    if (part === 'note') notes += 1;
    const isOfDone = part === 'note' && notes % 2 === 0;
    follows = part !== undefined && !isOfDone;
  }
  return points;
}

/** The installation goes with its journal. */
function partOfJournal(call: string, rest: string): 'note' | 'end' | undefined {
  const isRename = call.startsWith('rename');
  if (rest.includes('"/host/opt/kata/state/journal.json"')) return isRename ? 'note' : 'end';
  return isRename && rest.includes('"/host/opt/kata.kata-removed"') ? 'end' : undefined;
}

/** Whether the thread that was to make the last call ended by the signal, the call not made. */
export function wasKilled(trace: string, { call }: KillPoint): boolean {
  const [, thread, last] =
    [...trace.matchAll(/^(\d+) +(?:<\.\.\. )?(\w+)(?:\(| resumed).* = \?$/gm)].at(-1) ?? [];
  const isEnded = new RegExp(`^${thread ?? 'none'} +\\+\\+\\+ killed by SIGKILL`, 'm').test(trace);
  return last === call && isEnded;
}
