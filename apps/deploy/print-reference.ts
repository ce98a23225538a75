/** Prints the reference page of all commands, from what commander knows of them. */
import type { Command } from 'commander';
import { helpOf } from './command-help.ts';
import { commonExits, makeProgram } from './program.ts';

const introduction = `# Commands of kata-deploy

Written by \`npm run reference\` from the commands in \`apps/deploy\`; do not edit.

Results go to standard output, what is going on to standard error. Options that every command takes, and the variables
of the environment, stand in [Settings](configuration.md).
`;

function renderProgram(program: Command): string {
  const help = program.createHelp();
  const visible = (command: Command): readonly Command[] =>
    help
      .visibleCommands(command)
      .filter((each) => each.name() !== 'help')
      .flatMap((each) => [each, ...visible(each)]);
  return [
    introduction,
    '## Exit codes',
    '',
    table(
      ['code', 'meaning'],
      Object.entries(commonExits).map(([code, meaning]) => [code, meaning]),
    ),
    ...visible(program).map((command) => renderCommand(command, program)),
  ].join('\n');
}

function renderCommand(command: Command, program: Command): string {
  const help = program.createHelp();
  const { examples = [], exits = {} } = helpOf(command) ?? {};
  const options = help.visibleOptions(command).filter((option) => option.long !== '--help');
  return [
    `## ${nameOf(command)}`,
    '',
    `${sentence(command.description())}`,
    '',
    ...(options.length === 0
      ? []
      : [
          table(
            ['option', 'meaning'],
            options.map((option) => [code(help.optionTerm(option)), help.optionDescription(option)]),
          ),
        ]),
    ...(Object.keys(exits).length === 0
      ? []
      : [
          table(
            ['exit code', 'meaning'],
            Object.entries(exits).map(([number, meaning]) => [number, meaning]),
          ),
        ]),
    ...examples.map((example) => `    ${example}`),
    '',
  ].join('\n');
}

function nameOf(command: Command): string {
  const { parent } = command;
  const isBelowProgram = parent?.parent === null || parent?.parent === undefined;
  return isBelowProgram ? command.name() : `${nameOf(parent)} ${command.name()}`;
}

function sentence(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}.`;
}

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', String.raw`\|`)).join(' | ')} |`;
  return [line(heads), `|${'---|'.repeat(heads.length)}`, ...rows.map(line), ''].join('\n');
}

function code(text: string): string {
  return `\`${text}\``;
}

process.stdout.write(renderProgram(makeProgram()));
