/** kata-packaging: builds releases. So far, the images of the installer and of kata-lifecycle, and the charts. */
import { exitCodes, KataError } from '@kata/core';
import { formatFailure, type ProgressMode, progressModes } from '@kata/report';
import { ignoreClosedPipes } from '@kata/report/output-streams';
import { Command, CommanderError, Option } from 'commander';
import { chartsCommand } from './commands/charts.ts';
import { lifecycleCommand } from './commands/lifecycle.ts';
import { payloadCommand } from './commands/payload.ts';
import { type PackagingConfig, readConfig } from './config.ts';

const description = [
  'Builds a signed release of Kata Containers: kernel, QEMU, components, bundles, the',
  'installer image and charts.',
  '\n\nThis version builds the images of the installer and of kata-lifecycle, and packs the charts.',
].join(' ');

function makeProgram(config: PackagingConfig): Command {
  const program = new Command('kata-packaging')
    .description(description)
    .addOption(
      new Option('--progress <mode>', 'how progress is printed on standard error; json: one event a line')
        .choices(progressModes)
        .default('auto'),
    )
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
    .addCommand(payloadCommand(config))
    .addCommand(lifecycleCommand(config))
    .addCommand(chartsCommand());
  for (const command of [program, ...program.commands]) {
    command.configureHelp({ showGlobalOptions: true }).exitOverride();
  }
  return program;
}

ignoreClosedPipes(process.stdout, process.stderr);
let mode: ProgressMode = 'auto';
try {
  const program = makeProgram(readConfig(process.env)).hook('preAction', (self) => {
    mode = self.opts<{ readonly progress: ProgressMode }>().progress;
  });
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    // Commander has printed help or the usage error, and exits with 1 after the latter.
    process.exitCode = error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
  } else {
    const text = formatFailure(error, { program: 'kata-packaging', mode, now: () => new Date() });
    process.stderr.write(`${text}\n`);
    process.exitCode = error instanceof KataError ? error.exitCode : exitCodes.bug;
  }
}
