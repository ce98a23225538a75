/** Runs the commands of a demo in this terminal, each after its prompt. Ends with 1 after the first that ends otherwise than it should. */
import { setTimeout } from 'node:timers/promises';
import { execa } from 'execa';
import { demos } from './demos.ts';

const demo = demos.find(({ name }) => name === process.argv[2]);
if (demo === undefined) throw new Error(`there is no demo ${process.argv[2]}`);

/** For whoever watches. */
const pauseMs = 1500;

for (const { text, exitCode: expected } of demo.commands) {
  process.stdout.write(`\u001B[1;32m$\u001B[0m \u001B[1m${text}\u001B[0m\n`);
  await setTimeout(pauseMs);
  const { exitCode } = await execa('bash', ['-o', 'pipefail', '-c', text], {
    stdio: 'inherit',
    reject: false,
  });
  process.stdout.write('\n');
  await setTimeout(pauseMs);
  if (exitCode !== expected) {
    process.stdout.write(`exit code ${exitCode} instead of ${expected}\n`);
    process.exit(1);
  }
}

// The last picture stays for as long as something is still written.
for (let i = 0; i < 4; i += 1) {
  await setTimeout(pauseMs);
  process.stdout.write('\u001B[0m');
}
