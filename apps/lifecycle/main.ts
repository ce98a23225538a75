/** kata-lifecycle: not implemented yet. It prints what it will do, and refuses every command. */
import { exitCodes } from '@kata/core';
import { Command } from 'commander';

const description = [
  'Upgrades Kata Containers on a fleet node by node or in waves, verifies each node and',
  'rolls back by itself; through Argo Workflows or without it.',
  `\n\nNothing of this is implemented yet: every command ends with exit code ${exitCodes.usage}.`,
  'The lab, a real cluster on one machine, works today: bin/lab --help',
].join(' ');

await new Command('kata-lifecycle')
  .description(description)
  .usage('--help')
  .argument('[words...]')
  .allowUnknownOption()
  .action(() => {
    process.stderr.write('kata-lifecycle: no command is implemented yet; see kata-lifecycle --help\n');
    process.exitCode = exitCodes.usage;
  })
  .parseAsync();
