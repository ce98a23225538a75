/** The lab: a real Kubernetes cluster on one machine. */
import { describeError, exitCodes, KataError } from '@kata/core';
import { readConfig } from './config.ts';
import { makeProgram } from './program.ts';

const config = readConfig(process.env);

const program = await makeProgram(config, process.argv[2]);

// Commander exits by itself with 1 after a usage error; ours is 2 everywhere.
for (const command of [program, ...program.commands, ...program.commands.flatMap((c) => c.commands)]) {
  command.exitOverride((error) => {
    process.exit(error.exitCode === 0 ? exitCodes.ok : exitCodes.usage);
  });
}

try {
  await program.parseAsync();
} catch (error) {
  process.stderr.write(`lab: ${describeError(error)}\n`);
  process.exitCode = error instanceof KataError ? error.exitCode : exitCodes.bug;
}
