/** Progress in a terminal: what ended scrolls up, what is going on stays at the bottom. */
import { createLogUpdate } from 'log-update';
import { formatEvent } from './lines-reporter.ts';
import type { ProgressReporter } from './progress.ts';
import { formatSeconds, TaskBoard } from './task-board.ts';

const frameMs = 100;
const frames = ['⠋', '⠙', '⠸', '⠴', '⠦', '⠇'];

export function createTerminalReporter(stream: NodeJS.WriteStream): ProgressReporter {
  const board = new TaskBoard();
  const sticky = createLogUpdate(stream);
  let frame = 0;
  const draw = (): void => {
    frame += 1;
    const spinner = frames[frame % frames.length] ?? '';
    const lines = [...board.running.values()].map((task) =>
      `${spinner} ${task.title.padEnd(28)} ${formatSeconds((Date.now() - task.startedAtMs) / 1000).padStart(7)}  ${task.detail}`.trimEnd(),
    );
    if (board.waiting.length > 0) lines.push(`  then: ${board.waiting.join(', ')}`);
    sticky(lines.join('\n'));
  };
  const timer = setInterval(draw, frameMs);
  timer.unref();
  return {
    report(event) {
      board.apply(event, Date.now());
      const line = formatEvent(event);
      if (line === undefined) return;
      sticky.clear();
      stream.write(`${line}\n`);
      draw();
    },
    close() {
      clearInterval(timer);
      sticky.clear();
      sticky.done();
    },
  };
}
