/** kata-packaging: not written yet. It says what it will do, and refuses everything else. */
import { exitCodes } from '@kata/core';
import { Command } from 'commander';

const description = [
  'Makes a release of Kata Containers: kernel, QEMU and component builds, bundles, the',
  'installer image, charts, all of it signed.',
  `\n\nThis version cannot do any of it yet: every command ends with exit code ${exitCodes.usage}.`,
  'What works today is the lab, a real cluster on one machine: bin/lab --help',
].join(' ');

await new Command('kata-packaging')
  .description(description)
  .usage('--help')
  .argument('[words...]')
  .allowUnknownOption()
  .action(() => {
    process.stderr.write('kata-packaging: this version has no commands yet; see kata-packaging --help\n');
    process.exitCode = exitCodes.usage;
  })
  .parseAsync();
