import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';

test('a reader that closes the pipe does not make the program fail', async () => {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'main.ts'), '--help'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.stdout.destroy();

  const [errors, [exitCode]] = await Promise.all([text(child.stderr), once(child, 'close')]);

  expect({ errors, exitCode: exitCode as number }).toEqual({ errors: '', exitCode: 0 });
});
