/** Renders the reference page of a program's commands, from their definitions. */
import { type CommandHelp, helpOf } from './command-help.ts';
import { markdownTable } from './markdown-table.ts';

interface Option {
  readonly long?: string | undefined;
}

/** What is needed of a command of commander, and of its help. */
interface ReferenceCommand {
  readonly parent: ReferenceCommand | null;
  name(): string;
  description(): string;
  createHelp(): ReferenceHelp;
}

interface ReferenceHelp {
  visibleCommands(command: ReferenceCommand): readonly ReferenceCommand[];
  visibleOptions(command: ReferenceCommand): readonly Option[];
  optionTerm(option: Option): string;
  optionDescription(option: Option): string;
}

interface CommandPage {
  /** With its heading. */
  readonly introduction: string;
  readonly exits: Readonly<Record<number, string>>;
  /** The options of the program itself are a section, too. */
  readonly hasGlobalOptions: boolean;
}

export function renderCommandPage(
  program: ReferenceCommand,
  { introduction, exits, hasGlobalOptions }: CommandPage,
): string {
  const help = program.createHelp();
  const visible = (command: ReferenceCommand): readonly ReferenceCommand[] =>
    help
      .visibleCommands(command)
      .filter((each) => each.name() !== 'help')
      .flatMap((each) => [each, ...visible(each)]);
  return [
    introduction,
    '## Exit codes',
    '',
    exitTable('code', exits),
    ...(hasGlobalOptions ? ['## Options of every command', '', ...optionTable(program, help)] : []),
    ...visible(program).map((command) => renderCommand(command, help)),
  ].join('\n');
}

function renderCommand(command: ReferenceCommand, help: ReferenceHelp): string {
  const { examples, exits = {} }: CommandHelp = helpOf(command) ?? { examples: [] };
  return [
    `## ${nameOf(command)}`,
    '',
    `${sentence(command.description())}`,
    '',
    ...optionTable(command, help),
    ...(Object.keys(exits).length === 0 ? [] : [exitTable('exit code', exits)]),
    ...examples.map((example) => `    ${example}`),
    '',
  ].join('\n');
}

function optionTable(command: ReferenceCommand, help: ReferenceHelp): readonly string[] {
  const options = help.visibleOptions(command).filter((option) => option.long !== '--help');
  if (options.length === 0) return [];
  const rows = options.map((option) => [`\`${help.optionTerm(option)}\``, help.optionDescription(option)]);
  return [markdownTable(['option', 'meaning'], rows)];
}

function exitTable(head: string, exits: Readonly<Record<number, string>>): string {
  return markdownTable([head, 'meaning'], Object.entries(exits));
}

function nameOf(command: ReferenceCommand): string {
  const { parent } = command;
  const isBelowProgram = parent?.parent === null || parent?.parent === undefined;
  return isBelowProgram ? command.name() : `${nameOf(parent)} ${command.name()}`;
}

function sentence(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}.`;
}
