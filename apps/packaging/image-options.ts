/** Options and output that the commands for images share. */
import { highestZstdLevel, type ImageOfLayers } from '@kata/artifacts/image';
import { InvalidArgumentError, Option } from 'commander';

export function zstdLevelOption(layers: string): Option {
  return new Option(
    '--zstd-level <level>',
    `zstd level of ${layers}, 1 to ${highestZstdLevel}; releases use the highest (default: a fast one)`,
  ).argParser(readLevel);
}

export function outputFormatOption(): Option {
  return new Option('--output-format <format>', 'output format of the result')
    .choices(['text', 'json'])
    .default('text');
}

export function layerRows({ layers }: ImageOfLayers): readonly string[] {
  const width = Math.max(...layers.map((layer) => layer.name.length));
  return layers.map(({ name, size }) => `${name.padEnd(width)}  ${(size / 1e6).toFixed(1).padStart(7)} MB`);
}

function readLevel(text: string): number {
  const level = Number(text);
  if (/^\d+$/.test(text) && level >= 1 && level <= highestZstdLevel) return level;
  throw new InvalidArgumentError(`Give a number from 1 to ${highestZstdLevel}.`);
}
