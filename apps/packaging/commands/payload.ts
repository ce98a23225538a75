import { join, resolve } from 'node:path';
import { goArchitecture, goArchitectures } from '@kata/core';
import { type InstallerImage, packPayload } from '@kata/artifacts/image';
import { type Progress, type ProgressMode, withProgress } from '@kata/report';
import { Command, Option } from 'commander';
import type { PackagingConfig } from '../config.ts';
import { layerRows, outputFormatOption, zstdLevelOption } from '../image-options.ts';

interface PayloadOptions {
  readonly components: string;
  readonly version: string;
  readonly output: string;
  readonly architecture: string;
  readonly helper?: string;
  readonly node?: string;
  readonly program?: string;
  readonly zstdLevel?: number;
  readonly outputFormat: 'text' | 'json';
}

const checkout = join(import.meta.dirname, '../../..');

export function payloadCommand(config: PackagingConfig): Command {
  return new Command('payload')
    .description(
      'build the installer image from component archives, without a daemon; the same input gives the same digest',
    )
    .requiredOption('--components <folder>', 'folder with the files kata-static-<component>.tar.zst')
    .requiredOption('--version <version>', 'version of Kata, such as 3.24.0; also the tag of the image')
    .requiredOption('--output <folder>', 'the OCI image layout to write; an existing one is replaced')
    .addOption(
      new Option('--architecture <name>', 'architecture, as Go names it')
        .choices([...goArchitectures])
        .default(goArchitecture()),
    )
    .option('--program <file>', 'source of the program to bundle (default: apps/deploy/main.ts)')
    .option('--node <file>', 'Node binary to include (default: that of this checkout, stripped)')
    .option('--helper <file>', 'static kata-helper to include (default: built from packages/host/helper)')
    .addOption(zstdLevelOption('layers without components'))
    .addOption(outputFormatOption())
    .addHelpText(
      'after',
      `
Example:
  kata-packaging payload --components ./build --version 3.24.0 --output ./kata-deploy
  skopeo copy oci:./kata-deploy docker://registry.example.org/kata-deploy:3.24.0`,
    )
    .action(async (options: PayloadOptions, command: Command) => {
      const { progress: mode } = command.optsWithGlobals<{ readonly progress: ProgressMode }>();
      const image = await withProgress(async (progress) => await pack(options, config, progress), mode);
      process.stdout.write(`${format(image, options)}\n`);
    });
}

async function pack(
  options: PayloadOptions,
  config: PackagingConfig,
  progress: Progress,
): Promise<InstallerImage> {
  const { components, version, architecture, output, program, node, helper, zstdLevel } = options;
  return await packPayload({
    components: resolve(components),
    version,
    architecture,
    output: resolve(output),
    sources: {
      checkout,
      cache: config.cacheDirectory,
      ...(program === undefined ? {} : { program: resolve(program) }),
      ...(node === undefined ? {} : { node: resolve(node) }),
      ...(helper === undefined ? {} : { helper: resolve(helper) }),
    },
    ...(zstdLevel === undefined ? {} : { zstdLevel }),
    ...(config.created === undefined ? {} : { created: config.created }),
    progress,
  });
}

function format(image: InstallerImage, options: PayloadOptions): string {
  if (options.outputFormat === 'json') {
    return JSON.stringify({ output: resolve(options.output), ...image }, undefined, 2);
  }
  return [...layerRows(image), `payload ${image.payload}`, `image   ${image.digest}`].join('\n');
}
