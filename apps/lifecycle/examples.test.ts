import type { Command } from 'commander';
import { expect, test } from 'vitest';
import { makeProgram, withSubcommands } from './program.ts';

const program = makeProgram();
const commands = withSubcommands(program);

/** The lines of its help that begin with the name of the program. */
function examplesOf(command: Command): readonly string[] {
  let text = '';
  command.configureOutput({ writeOut: (part) => (text += part) }).outputHelp();
  return text.split('\n').flatMap((line) => /^ {2}(kata-lifecycle .*)$/.exec(line)?.[1] ?? []);
}

/** The command that the words name. */
function commandOf(words: readonly string[], from: Command = program): Command {
  const next = from.commands.find((one) => one.name() === words[0]);
  return next === undefined ? from : commandOf(words.slice(1), next);
}

test.each(commands.map((command) => [command.name(), command] as const))(
  'the examples of %s have only options of their command, and all that it requires',
  (_, command) => {
    const examples = examplesOf(command);
    expect(examples).not.toEqual([]);
    for (const example of examples) {
      const words = example.split(' ').slice(1);
      const given = words.filter((word) => word.startsWith('--')).map((word) => word.replace(/=.*/, ''));
      const { options } = commandOf(words);
      const known = [...options, ...program.options].map(({ long }) => long);
      const required = options.filter(({ mandatory }) => mandatory).map(({ long }) => long);
      expect(known).toEqual(expect.arrayContaining(given));
      expect(given).toEqual(expect.arrayContaining(required));
    }
  },
);
