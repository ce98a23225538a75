/** Records a demo in a terminal of its own, as a cast of asciinema. */
import { mkdtempDisposable, readFile, rename } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import type { Demo } from './demos.ts';
import { idleSeconds } from './draw-picture.ts';

interface Recording {
  /** Where the commands run. */
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Where the cast is written once the demo has ended well. */
  readonly cast: string;
}

/** Returns the cast. @throws Error with the end of the recording when a command of the demo failed. */
export async function recordDemo(demo: Demo, { folder, environment, cast }: Recording): Promise<string> {
  const { columns, rows } = demo.terminal;
  await using scratch = await mkdtempDisposable(join(tmpdir(), 'recording-'));
  const [unfinished, ended] = [join(scratch.path, 'cast'), join(scratch.path, 'ended')];
  // asciinema does not hand on the exit code.
  const command = `${process.execPath} ${join(import.meta.dirname, 'play.ts')} ${demo.name} && touch ${ended}`;
  await execa(
    'asciinema',
    [
      ...['rec', '--quiet', '--overwrite', '--idle-time-limit', String(idleSeconds), '--env', 'TERM'],
      ...['--cols', String(columns), '--rows', String(rows), '--title', demo.title],
      ...['--command', command, unfinished],
    ],
    { cwd: folder, env: { ...environment, TERM: 'xterm-256color', LC_ALL: 'C.UTF-8' }, stdin: 'ignore' },
  );
  const text = await readFile(unfinished, 'utf8');
  const hasEnded = await readFile(ended).then(
    () => true,
    () => false,
  );
  if (!hasEnded) throw new Error(`the demo ${demo.name} failed:\n${outputOf(text).slice(-3000)}`);
  await rename(unfinished, cast).catch(async () => await execa('cp', [unfinished, cast]));
  return text;
}

/** What the terminal got. */
function outputOf(cast: string): string {
  const [, ...events] = cast.trimEnd().split('\n');
  return events.map((line) => (JSON.parse(line) as readonly [number, 'o', string])[2]).join('');
}
