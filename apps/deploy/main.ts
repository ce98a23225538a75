/** kata-deploy: installs, upgrades, checks and removes Kata Containers on one machine. */
import { describeError, exitCodes, KataError } from '@kata/core';
import { makeProgram, withSubcommands } from './program.ts';

const program = makeProgram();
for (const command of withSubcommands(program)) {
  command.exitOverride((error) => {
    process.exit(error.exitCode === 0 ? exitCodes.ok : exitCodes.usage);
  });
}

// A run that is killed between mkdir(2) and chmod(2) must not leave a directory that others cannot enter.
process.umask(0o022);

try {
  await program.parseAsync();
} catch (error) {
  process.stderr.write(`kata-deploy: ${describeError(error)}\n`);
  process.exitCode = error instanceof KataError ? error.exitCode : exitCodes.bug;
}
// What still goes on must not keep the lock: a run may be killed at any instant.
if (process.exitCode === exitCodes.terminated) process.exit();
