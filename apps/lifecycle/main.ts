/** kata-lifecycle: not written yet. It says what it will do, and refuses everything else. */
import { exitCodes } from '@kata/core';
import { Command } from 'commander';

const description = [
  'Upgrades Kata Containers on a fleet node by node or in waves, verifies each node and',
  'rolls back by itself; through Argo Workflows or without it.',
  `\n\nThis version cannot do any of it yet: every command ends with exit code ${exitCodes.usage}.`,
  'What works today is the lab, a real cluster on one machine: bin/lab --help',
].join(' ');

await new Command('kata-lifecycle')
  .description(description)
  .usage('--help')
  .argument('[words...]')
  .allowUnknownOption()
  .action(() => {
    process.stderr.write('kata-lifecycle: this version has no commands yet; see kata-lifecycle --help\n');
    process.exitCode = exitCodes.usage;
  })
  .parseAsync();
