/** Examples and exit codes of a command: shown by `--help`, and kept as data for the reference page. */

export interface CommandHelp {
  readonly examples: readonly string[];
  /** Only those with a special meaning for this command. */
  readonly exits?: Readonly<Record<number, string>>;
}

/** A command of commander. */
interface HelpfulCommand {
  addHelpText(position: 'after', text: string): unknown;
}

const known = new WeakMap<object, CommandHelp>();

export function withHelp<C extends HelpfulCommand>(command: C, help: CommandHelp): C {
  known.set(command, help);
  const exits = Object.entries(help.exits ?? {}).map(([code, meaning]) => `  ${code}  ${meaning}`);
  const blocks = [
    ...(exits.length === 0 ? [] : [['Exit codes, in addition to those of all commands:', ...exits]]),
    ['Examples:', ...help.examples.map((example) => `  ${example}`)],
  ];
  command.addHelpText('after', blocks.map((lines) => `\n${lines.join('\n')}`).join('\n'));
  return command;
}

export function helpOf(command: object): CommandHelp | undefined {
  return known.get(command);
}
