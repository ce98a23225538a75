/** Examples and exit codes of a command: shown by `--help`, and kept as data for the reference page. */
import type { Command } from 'commander';

export interface CommandHelp {
  readonly examples: readonly string[];
  /** Only those with a special meaning for this command. */
  readonly exits?: Readonly<Record<number, string>>;
}

const known = new WeakMap<Command, CommandHelp>();

export function withHelp(command: Command, help: CommandHelp): Command {
  known.set(command, help);
  const exits = Object.entries(help.exits ?? {}).map(([code, meaning]) => `  ${code}  ${meaning}`);
  const blocks = [
    ...(exits.length === 0 ? [] : [['Exit codes, in addition to those of all commands:', ...exits]]),
    ['Examples:', ...help.examples.map((example) => `  ${example}`)],
  ];
  return command.addHelpText('after', blocks.map((lines) => `\n${lines.join('\n')}`).join('\n'));
}

export function helpOf(command: Command): CommandHelp | undefined {
  return known.get(command);
}
