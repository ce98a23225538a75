/** Prints the progress of an installation: in a terminal on one line that is redrawn, in a log line by line. */
import type { Action, InstallerEvent } from '@kata/installer';

export interface EventOutput {
  readonly isTerminal: boolean;
  readonly write: (text: string) => void;
  readonly now: () => Date;
}

const everyMs = { terminal: 200, log: 5000 } as const;
const clearLine = '\r\u001B[K';

export function reportEvents(
  describe: (event: InstallerEvent) => string,
  { isTerminal, write, now }: EventOutput,
): (event: InstallerEvent) => void {
  const intervalMs = isTerminal ? everyMs.terminal : everyMs.log;
  let shownMs = -intervalMs;
  let hasOpenLine = false;
  const line = (text: string): void => {
    write(`${hasOpenLine ? clearLine : ''}${now().toISOString()} ${text}\n`);
    hasOpenLine = false;
  };
  return (event) => {
    switch (event.kind) {
      case 'release.progress':
      case 'files.compared': {
        const nowMs = now().getTime();
        if (nowMs - shownMs < intervalMs) return;
        shownMs = nowMs;
        if (!isTerminal) return line(`  … ${describe(event)}`);
        write(`${clearLine}… ${describe(event)}`);
        hasOpenLine = true;
        return;
      }
      case 'action.started':
        // In a log, no progress right after the start.
        shownMs = isTerminal ? shownMs : now().getTime();
        if (isLong(event.action)) line(describe(event));
        return;
      case 'action.done':
      case 'action.skipped':
      case 'engine.awaited':
      case 'record.rebuilt':
      case 'undo.started':
        line(describe(event));
    }
  };
}

function isLong({ kind }: Action): boolean {
  return kind === 'release.write' || kind === 'engine.restart';
}
