import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';

const written = 'written\n';

/** More than a pipe holds comes first, and standard output tells when the last line of the program was written. */
const preload = `
  process.exitCode = 143;
  const write = process.stderr.write.bind(process.stderr);
  write('x'.repeat(2 ** 19) + '\\n');
  process.stderr.write = (line, ...rest) => {
    if (line.includes('nothing is removed')) process.stdout.write('${written.trim()}\\n');
    return write(line, ...rest);
  };`;

/** As a terminated run ends. */
function startTerminated(): ChildProcessByStdio<null, Readable, Readable> {
  const main = join(import.meta.dirname, 'main.ts');
  const words = ['--import', `data:text/javascript,${encodeURIComponent(preload)}`, main, 'cleanup'];
  return spawn(process.execPath, words, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { HELM_POST_DELETE_HOOK: 'true', KATA_PROGRESS: 'json' },
  });
}

test('a terminated run ends after its last line has reached a slow reader', async () => {
  const child = startTerminated();
  const ended = once(child, 'close');

  const [said] = (await once(child.stdout, 'data')) as [Buffer];
  const lines = (await text(child.stderr)).split('\n');
  const [exitCode] = await ended;

  expect({ said: String(said), exitCode, lines: lines.length }).toEqual({
    said: written,
    exitCode: 143,
    lines: 3,
  });
  expect(JSON.parse(lines[1] ?? '')).toMatchObject({ kind: 'note' });
});

test('a reader that has stopped does not keep a terminated run', async () => {
  const child = startTerminated();

  const [exitCode] = await once(child, 'exit');

  expect(exitCode).toBe(143);
  child.stderr.destroy();
});
