/** kata-packaging: builds what is released. So far, the installer image from components. */
import { describeError, exitCodes, KataError } from '@kata/core';
import { Command } from 'commander';
import { payloadCommand } from './commands/payload.ts';
import { type PackagingConfig, readConfig } from './config.ts';

const description = [
  'Builds a signed release of Kata Containers: kernel, QEMU, components, bundles, the',
  'installer image and charts.',
  '\n\nThis version builds the installer image only.',
].join(' ');

function makeProgram(config: PackagingConfig): Command {
  const program = new Command('kata-packaging')
    .description(description)
    .showHelpAfterError('Run kata-packaging --help for all commands.')
    .addHelpText(
      'after',
      `
Example:
  kata-packaging payload --components ./build --version 3.24.0 --output ./kata-deploy

Environment:
  KATA_PACKAGING_CACHE  folder for cached build results (${config.cacheDirectory})
  SOURCE_DATE_EPOCH     creation time of images, in seconds since 1970 (default: 0)`,
    )
    .addCommand(payloadCommand(config));
  // After a usage error, Commander exits with 1; our programs exit with 2.
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
