/** The lab: a real Kubernetes cluster on one machine. */
import { describeError, exitCodes, KataError } from '@kata/core';
import { ignoreClosedPipes } from '@kata/report/output-streams';
import { CommanderError } from 'commander';
import { readConfig } from './config.ts';
import { makeProgram } from './program.ts';

ignoreClosedPipes(process.stdout, process.stderr);
const config = readConfig(process.env);

const program = await makeProgram(config, process.argv[2]);

for (const command of [program, ...program.commands, ...program.commands.flatMap((c) => c.commands)]) {
  command.exitOverride();
}

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    // Commander has printed help or the usage error, and exits with 1 after the latter.
    process.exitCode = error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
  } else {
    process.stderr.write(`lab: ${describeError(error)}\n`);
    process.exitCode = error instanceof KataError ? error.exitCode : exitCodes.bug;
  }
}
