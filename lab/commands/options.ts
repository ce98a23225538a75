/** Options that several commands share. */
import { type Command, Option } from 'commander';
import type { LabConfig } from '../config.ts';

export interface NameOption {
  readonly name: string;
}

export function nameOption(config: LabConfig): Option {
  return new Option('--name <lab>', 'name of the lab').default(config.defaultName);
}

export interface OutputOption {
  readonly output: 'text' | 'json';
}

export function outputOption(): Option {
  return new Option('--output <format>', 'output format').choices(['text', 'json']).default('text');
}

/** Commander's own `--help` would be taken from anywhere among unknown options, also from the words of another program. */
export function passOptionsOn(command: Command): Command {
  return command
    .passThroughOptions()
    .allowUnknownOption()
    .helpOption(false)
    .option('-h, --help', 'display help for command')
    .on('option:help', () => command.help());
}

export function print(text: string): void {
  process.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
}
