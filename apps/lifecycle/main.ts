/** kata-lifecycle: upgrades Kata Containers on the nodes of a cluster, one after the other, and verifies each. */
import { exitCodes, KataError } from '@kata/core';
import { ignoreClosedPipes } from '@kata/report/output-streams';
import { CommanderError } from 'commander';
import { makeProgram, withSubcommands } from './program.ts';

const program = makeProgram();
for (const command of withSubcommands(program)) command.exitOverride();

ignoreClosedPipes(process.stdout, process.stderr);

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    // Commander has printed help or the usage error, and exits with 1 after the latter.
    process.exitCode = error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
  } else {
    const { formatFailure } = await import('@kata/report');
    const { progress: mode } = program.opts();
    const text = formatFailure(error, { program: program.name(), mode, now: () => new Date() });
    process.stderr.write(`${text}\n`);
    process.exitCode = error instanceof KataError ? error.exitCode : exitCodes.bug;
  }
}
