/** kata-deploy: not written yet. It says what it will do, and refuses everything else. */
import { exitCodes } from '@kata/core';
import { Command } from 'commander';

const description = [
  'Installs, upgrades, checks, rolls back and removes Kata Containers on one machine:',
  'containerd, CRI-O, Docker, k3s, RKE2, k0s, microk8s.',
  `\n\nThis version cannot do any of it yet: every command ends with exit code ${exitCodes.usage}.`,
  'What works today is the lab, a real cluster on one machine: bin/lab --help',
].join(' ');

await new Command('kata-deploy')
  .description(description)
  .usage('--help')
  .argument('[words...]')
  .allowUnknownOption()
  .action(() => {
    process.stderr.write('kata-deploy: this version has no commands yet; see kata-deploy --help\n');
    process.exitCode = exitCodes.usage;
  })
  .parseAsync();
