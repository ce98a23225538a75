import { join } from 'node:path';
import { exitCodes } from '@kata/core';
import { fieldList, variableName } from '@kata/settings/model';
import type { Command } from 'commander';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { makeProgram, withSubcommands } from './program.ts';

const binary = join(import.meta.dirname, '../../bin/kata-deploy');

async function run(
  words: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<{ readonly exitCode: number | undefined; readonly stderr: string }> {
  const { exitCode, stderr } = await execa(binary, words, { reject: false, env: { ...env } });
  return { exitCode, stderr };
}

const program = makeProgram();

test('the help lists every command', async () => {
  const { stdout } = await execa(binary, ['--help']);

  const listed = [...stdout.matchAll(/^ {2}([a-z-]+) .*$/gm)].map(([, name]) => name);
  expect(program.commands.map((command) => command.name()).filter((name) => !listed.includes(name))).toEqual(
    [],
  );
});

test.each(withSubcommands(program).map((command) => [pathOf(command), command] as const))(
  'the help of "%s" has an example',
  (path, command) => {
    let text = '';
    command.configureOutput({ writeOut: (part) => (text += part) }).outputHelp();

    const examples = text.split('\nExamples:\n')[1] ?? '';
    expect(examples).toContain(path === 'kata-deploy decide' ? 'main.mjs decide' : path);
  },
);

test('a subcommand has its own help', async () => {
  const { stdout } = await execa(binary, ['releases', 'prune', '--help']);

  expect(stdout).toContain('  3  another command was interrupted; run that command again first');
});

function pathOf(command: Command): string {
  return command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`;
}

test('a typo is answered with the nearest command', async () => {
  expect(await run(['instal'])).toEqual({
    exitCode: 2,
    stderr:
      "error: unknown command 'instal'\n(Did you mean install?)\nRun kata-deploy --help for all commands.",
  });
});

test('the help names every variable, those of options at the option', async () => {
  const { stdout } = await execa(binary, ['--help']);

  const missing = fieldList.map(([, field]) => variableName(field)).filter((name) => !stdout.includes(name));
  expect(missing).toEqual([]);
});

test('the help names every exit code', async () => {
  const { stdout } = await execa(binary, ['--help']);

  const listed = [...(stdout.split('\nExit codes:\n')[1] ?? '').matchAll(/^ {2}(\d+) /gm)];
  expect(listed.map(([, code]) => Number(code))).toEqual(Object.values(exitCodes));
});

test.each([['before'], ['after']])('an option is accepted %s the command', async (place) => {
  const option = ['--suffix', 'Blue!'];
  const words = place === 'before' ? [...option, 'status'] : ['status', ...option];

  expect(await run(words, { MULTI_INSTALL_SUFFIX: 'green' })).toEqual({
    exitCode: 2,
    stderr:
      'kata-deploy: --suffix "Blue!" is not a valid suffix\n  next: --suffix takes at most 20 of a-z, 0-9 and inner hyphens',
  });
});

test('cleanup as a post-delete hook of Helm does nothing', async () => {
  const { exitCode, stderr } = await run(['cleanup'], { HELM_POST_DELETE_HOOK: 'true' });

  expect({ exitCode, said: stderr.replace(/^\S+ /, '') }).toEqual({
    exitCode: 0,
    said: 'nothing is removed: HELM_POST_DELETE_HOOK is set, so Helm has removed everything',
  });
});

test('issue 13: with --progress json, standard error has only events', async () => {
  const note = await run(['cleanup', '--progress', 'json'], {
    HELM_POST_DELETE_HOOK: 'true',
    NODE_NAME: 'n1',
  });
  const failure = await run(['status', '--suffix', 'Blue!'], { KATA_PROGRESS: 'json', NODE_NAME: 'n1' });

  expect(JSON.parse(note.stderr)).toStrictEqual({
    time: expect.stringMatching(/^\d{4}-.*Z$/) as string,
    node: 'n1',
    kind: 'note',
    message: 'nothing is removed: HELM_POST_DELETE_HOOK is set, so Helm has removed everything',
  });
  expect(failure.exitCode).toBe(2);
  expect(JSON.parse(failure.stderr)).toMatchObject({
    node: 'n1',
    kind: 'command.failed',
    code: 'KATA_CONFIG_INVALID',
    exitCode: 2,
  });
});

test('an unknown progress mode is refused', async () => {
  expect(await run(['status', '--progress', 'xml'])).toEqual({
    exitCode: 2,
    stderr:
      'kata-deploy: --progress "xml" is not a valid progress mode\n  next: --progress takes auto, plain or json',
  });
});

const variable = process.arch === 'x64' ? 'SHIMS_X86_64' : 'SHIMS_AARCH64';

test.each<[string, Readonly<Record<string, string>>, string]>([
  ['an unknown shim', { [variable]: 'qemu qemuu' }, `${variable} names an unknown shim "qemuu"`],
  ['an empty list', { [variable]: ' ' }, `${variable} names no shim`],
  [
    'a shim of another architecture',
    { [variable]: 'qemu-se' },
    `${variable} names the shim "qemu-se", which does not exist for`,
  ],
  ['a bad suffix', { MULTI_INSTALL_SUFFIX: 'Blue!' }, 'MULTI_INSTALL_SUFFIX "Blue!" is not a valid suffix'],
  ['a relative prefix', { INSTALLATION_PREFIX: 'srv' }, 'INSTALLATION_PREFIX "srv" is not an absolute path'],
])('%s is refused, naming the variable', async (_, env, message) => {
  const { exitCode, stderr } = await run(['status'], env);

  expect(exitCode).toBe(2);
  expect(stderr).toContain(`kata-deploy: ${message}`);
});
