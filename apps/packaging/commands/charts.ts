import { join, resolve } from 'node:path';
import { type PackedChart, packCharts } from '@kata/artifacts/chart';
import { Command } from 'commander';
import { outputFormatOption } from '../image-options.ts';

interface ChartsOptions {
  readonly version: string;
  readonly output: string;
  readonly outputFormat: 'text' | 'json';
}

const checkout = join(import.meta.dirname, '../../..');

export function chartsCommand(): Command {
  return new Command('charts')
    .description(
      'pack the Helm charts of a release; kata-lifecycle-manager also under the name kata-upgrade; the same input gives the same files',
    )
    .requiredOption('--version <version>', 'version of the release: of the charts, and of their images')
    .requiredOption('--output <folder>', 'folder of the archives; those of the same names are replaced')
    .addOption(outputFormatOption())
    .addHelpText(
      'after',
      `
Example:
  kata-packaging charts --version 3.25.0 --output ./charts
  helm push ./charts/kata-upgrade-3.25.0.tgz oci://registry.example.org/charts`,
    )
    .action(async ({ version, output, outputFormat }: ChartsOptions) => {
      const packed = await packCharts({ checkout, version, output: resolve(output) });
      process.stdout.write(`${format(packed, outputFormat)}\n`);
    });
}

function format(packed: readonly PackedChart[], outputFormat: 'text' | 'json'): string {
  return outputFormat === 'json'
    ? JSON.stringify(packed, undefined, 2)
    : packed.map(({ file }) => file).join('\n');
}
