import { join, resolve } from 'node:path';
import { type ImageOfLayers, packLifecycle } from '@kata/artifacts/image';
import { goArchitecture, goArchitectures } from '@kata/core';
import { type Progress, type ProgressMode, withProgress } from '@kata/report';
import { Command, Option } from 'commander';
import type { PackagingConfig } from '../config.ts';
import { layerRows, outputFormatOption, zstdLevelOption } from '../image-options.ts';

interface LifecycleOptions {
  readonly helm: string;
  readonly version: string;
  readonly output: string;
  readonly architecture: string;
  readonly node?: string;
  readonly program?: string;
  readonly zstdLevel?: number;
  readonly outputFormat: 'text' | 'json';
}

const checkout = join(import.meta.dirname, '../../..');

export function lifecycleCommand(config: PackagingConfig): Command {
  return new Command('lifecycle')
    .description(
      'build the image of kata-lifecycle for workflows, without a daemon; the same input gives the same digest',
    )
    .requiredOption('--helm <file>', 'static Helm binary to include')
    .requiredOption('--version <version>', 'version of the chart kata-lifecycle-manager; also the tag')
    .requiredOption('--output <folder>', 'the OCI image layout to write; an existing one is replaced')
    .addOption(
      new Option('--architecture <name>', 'architecture, as Go names it')
        .choices([...goArchitectures])
        .default(goArchitecture()),
    )
    .option('--program <file>', 'source of the program to bundle (default: apps/lifecycle/main.ts)')
    .option('--node <file>', 'Node binary to include (default: that of this checkout, stripped)')
    .addOption(zstdLevelOption('its layers'))
    .addOption(outputFormatOption())
    .addHelpText(
      'after',
      `
Example:
  kata-packaging lifecycle --helm ./helm --version 3.25.0 --output ./kata-lifecycle-manager
  skopeo copy oci:./kata-lifecycle-manager docker://registry.example.org/kata-lifecycle-manager:3.25.0`,
    )
    .action(async (options: LifecycleOptions, command: Command) => {
      const { progress: mode } = command.optsWithGlobals<{ readonly progress: ProgressMode }>();
      const image = await withProgress(async (progress) => await pack(options, config, progress), mode);
      process.stdout.write(`${format(image, options)}\n`);
    });
}

async function pack(
  options: LifecycleOptions,
  config: PackagingConfig,
  progress: Progress,
): Promise<ImageOfLayers> {
  const { version, architecture, helm, output, program, node, zstdLevel } = options;
  return await packLifecycle({
    ...{ version, architecture, progress, helm: resolve(helm), output: resolve(output) },
    sources: {
      checkout,
      cache: config.cacheDirectory,
      ...(program === undefined ? {} : { program: resolve(program) }),
      ...(node === undefined ? {} : { node: resolve(node) }),
    },
    ...(zstdLevel === undefined ? {} : { zstdLevel }),
    ...(config.created === undefined ? {} : { created: config.created }),
  });
}

function format(image: ImageOfLayers, { output, outputFormat }: LifecycleOptions): string {
  if (outputFormat === 'json') return JSON.stringify({ output: resolve(output), ...image }, undefined, 2);
  return [...layerRows(image), `image   ${image.digest}`].join('\n');
}
