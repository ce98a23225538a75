/** kata-deploy: installs, upgrades, checks and removes Kata Containers on one machine. */
import { exitCodes, KataError } from '@kata/core';
import { ignoreClosedPipes, waitUntilWritten } from '@kata/report/output-streams';
import { CommanderError } from 'commander';
import { makeProgram, withSubcommands } from './program.ts';
import { readUncheckedConfig } from './unchecked-config.ts';

const program = makeProgram();
for (const command of withSubcommands(program)) command.exitOverride();

ignoreClosedPipes(process.stdout, process.stderr);
// A run that is killed between mkdir(2) and chmod(2) must not leave a directory that others cannot enter.
process.umask(0o022);

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    // Commander has printed help or the usage error, and exits with 1 after the latter.
    process.exitCode = error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
  } else {
    await printFailure(error);
    process.exitCode = error instanceof KataError ? error.exitCode : exitCodes.bug;
  }
}
if (process.exitCode === exitCodes.terminated) {
  await waitUntilWritten(process.stdout, process.stderr);
  // Unfinished work must not keep the lock. A run may be killed at any instant.
  process.exit();
}

async function printFailure(error: unknown): Promise<void> {
  const { formatFailure } = await import('@kata/report');
  const flags = program.opts();
  const { progress: mode, nodeName: node } = readUncheckedConfig({ flags, environment: process.env });
  const text = formatFailure(error, { program: program.name(), mode, node, now: () => new Date() });
  process.stderr.write(`${text}\n`);
}
