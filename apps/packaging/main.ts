/** kata-packaging: makes what is released. So far, the installer image from components. */
import { describeError, exitCodes, KataError } from '@kata/core';
import { Command } from 'commander';
import { payloadCommand } from './commands/payload.ts';
import { type PackagingConfig, readConfig } from './config.ts';

const description = [
  'Makes a release of Kata Containers: kernel, QEMU and component builds, bundles, the',
  'installer image, charts, all of it signed.',
  '\n\nThis version can make the installer image only.',
].join(' ');

function makeProgram(config: PackagingConfig): Command {
  const program = new Command('kata-packaging')
    .description(description)
    .showHelpAfterError('Run kata-packaging --help to see what there is.')
    .addHelpText(
      'after',
      `
Example:
  kata-packaging payload --components ./build --version 3.24.0 --output ./kata-deploy

Environment:
  KATA_PACKAGING_CACHE  where what takes long is kept (${config.cacheDirectory})
  SOURCE_DATE_EPOCH     when images say they were made, in seconds (default: 1970)`,
    )
    .addCommand(payloadCommand(config));
  // Commander exits by itself with 1 after a usage error; ours is 2 everywhere.
  for (const command of [program, ...program.commands]) {
    command.exitOverride((error) => {
      process.exit(error.exitCode === 0 ? exitCodes.ok : exitCodes.usage);
    });
  }
  return program;
}

try {
  await makeProgram(readConfig(process.env)).parseAsync();
} catch (error) {
  process.stderr.write(`kata-packaging: ${describeError(error)}\n`);
  process.exitCode = error instanceof KataError ? error.exitCode : exitCodes.bug;
}
