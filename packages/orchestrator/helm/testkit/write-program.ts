/** Writes an executable script for tests. */
import { execa } from 'execa';

/**
 * By another process: a program that this one has open for writing cannot be run (ETXTBSY), nor while a process that a
 * test starts at the same time still has its files open.
 */
export async function writeProgram(path: string, script: string): Promise<void> {
  const write = 'cat >"$1" && chmod 755 "$1"';
  await execa('sh', ['-c', write, 'sh', path], { input: `#!/bin/sh\n${script}\n` });
}
