/** Progress in a terminal: ended tasks scroll up, running tasks stay at the bottom. */
import type { Clock } from '@kata/core';
import type { createLogUpdate } from 'log-update';
import type { Reporter, Stamped } from './event.ts';
import { describeProgress, type ProgressEvent } from './progress.ts';
import { firstOf, formatSeconds, TaskBoard } from './task-board.ts';
import { createTicker } from './ticker.ts';

const frameMs = 100;
const frames = ['⠋', '⠙', '⠸', '⠴', '⠦', '⠇'];
/** Lines that stay free for ended tasks. */
const freeRows = 4;

export interface TerminalOptions {
  readonly stream: NodeJS.WriteStream;
  readonly clock: Pick<Clock, 'monotonicMs'>;
}

export function createTerminalReporter({ stream, clock }: TerminalOptions): Reporter<ProgressEvent> {
  const board = new TaskBoard();
  const sticky = new StickyLines(stream);
  let frame = 0;
  const draw = (): void => {
    sticky.draw(boardLines(board, frames[frame % frames.length] ?? '', clock.monotonicMs(), stream.rows));
  };
  const tick = createTicker(frameMs, () => {
    frame += 1;
    draw();
  });
  return (event) => {
    const line = formatEnd(event, board.apply(event, clock.monotonicMs()));
    const isRunning = board.running.size > 0;
    tick(isRunning);
    if (line === undefined) return;
    sticky.clear();
    stream.write(`${line}\n`);
    if (isRunning && frame > 0) draw();
  };
}

function boardLines(board: TaskBoard, spinner: string, nowMs: number, rows = 24): readonly string[] {
  const running = [...board.running.values()];
  const shown = running.slice(0, Math.max(1, rows - freeRows));
  const lines = shown.map(({ name, startedAtMs, detail }) =>
    `${spinner} ${columns(name, (nowMs - startedAtMs) / 1000)}  ${detail}`.trimEnd(),
  );
  if (running.length > shown.length) lines.push(`  and ${running.length - shown.length} more`);
  if (board.waiting.size > 0) lines.push(`  then: ${firstOf([...board.waiting])}`);
  return lines;
}

/** The line that stays after an event; undefined for most kinds. */
function formatEnd(event: Stamped<ProgressEvent>, seconds = 0): string | undefined {
  const place = event.node === undefined ? '' : `${event.node}: `;
  switch (event.kind) {
    case 'task.done':
      return `✔ ${columns(`${place}${event.task}`, seconds)}  ${event.detail}`.trimEnd();
    case 'task.failed':
      return `✘ ${columns(`${place}${event.task}`, seconds)}  ${event.error}`;
    case 'note':
      return `${place}${describeProgress(event)}`;
    case 'tasks.planned':
    case 'task.started':
    case 'task.progress':
      return undefined;
  }
}

function columns(name: string, seconds: number): string {
  return `${name.padEnd(28)} ${formatSeconds(seconds).padStart(7)}`;
}

/** Lines at the bottom of a terminal. Their library is loaded at the first frame, before which most commands end. */
class StickyLines {
  readonly #stream: NodeJS.WriteStream;
  #isLoading = false;
  #update: ReturnType<typeof createLogUpdate> | undefined;

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
  }

  draw(lines: readonly string[]): void {
    if (this.#update !== undefined) this.#update(lines.join('\n'));
    else if (!this.#isLoading) void this.#load();
  }

  clear(): void {
    this.#update?.clear();
    this.#update?.done();
  }

  async #load(): Promise<void> {
    this.#isLoading = true;
    const library = await import('log-update');
    this.#update = library.createLogUpdate(this.#stream);
  }
}
