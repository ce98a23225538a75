import { join } from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { makeProgram, withSubcommands } from './program.ts';

const binary = join(import.meta.dirname, '../../bin/kata-lifecycle');

async function run(
  words: readonly string[],
): Promise<{ readonly exitCode: number | undefined; readonly stdout: string; readonly stderr: string }> {
  const { exitCode, stdout, stderr } = await execa(binary, words, {
    reject: false,
    env: { KUBECONFIG: '/nowhere/kubeconfig', KUBERNETES_SERVICE_HOST: '', COLUMNS: '80' },
  });
  return { exitCode, stdout, stderr };
}

const program = makeProgram();

function pathOf(command: (typeof program.commands)[number]): string {
  return command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`;
}

test('the help shows every command, examples and exit codes', async () => {
  const { exitCode, stdout } = await run(['--help']);

  expect(exitCode).toBe(0);
  expect(stdout).toMatchInlineSnapshot(`
    "Usage: kata-lifecycle [options] [command]

    Upgrades Kata Containers on the nodes of a cluster, one after the other:
    verifies each node with your pod, and rolls it back when that fails.

    Options:
      --release <name>               Helm release of kata-deploy (default:
                                     "kata-deploy")
      --namespace <name>             its namespace (default: "kube-system")
      --progress <mode>              live in a terminal, plain lines, or lines of
                                     JSON (choices: "auto", "plain", "json",
                                     default: "auto")
      --output <form>                form of results (choices: "text", "json",
                                     default: "text")
      -h, --help                     display help for command

    Commands:
      plan [options]                 show what an upgrade would do, and check what
                                     it needs; nothing is changed
      upgrade [options]              upgrade the selected nodes; repeated after an
                                     interruption, it goes on where it stopped
      status [options]               show what every node has, how its last run
                                     ended, who cordoned it, and the next command
      why <node>                     show why a node is as it is, the evidence of
                                     its verification pods, and the next command
      stop [run]                     let a run finish the nodes that it has begun,
                                     and start no further node
      rollback [options] <nodes...>  return nodes to the release before their last
                                     run, and verify them there; when no node is
                                     left on the newer one, the Helm release
                                     returns, too
      verify [options] <nodes...>    run your verification pod on nodes as they are:
                                     no cordon, no approval
      nodes                          list all nodes with what is installed, offered
                                     and approved; also those that a removal left
                                     labelled
      history                        list the runs, the oldest first: when, why, on
                                     which nodes, and how they ended
      manage                         approve on every node the release that it has;
                                     from then on only runs change nodes, whatever
                                     Helm installs
      unmanage                       end the management: approvals are removed, and
                                     each node installs what Helm installs; refused
                                     while a node is held
      help [command]                 display help for command

    For workflows:
      step                           one step of a workflow, for its pods

    Examples:
      kata-lifecycle plan --to 3.25.0 --verification-pod pod.yaml     show what an upgrade would do
      kata-lifecycle upgrade --to 3.25.0 --verification-pod pod.yaml  upgrade node by node
      kata-lifecycle status --watch                                   show every node and what to do next
      kata-lifecycle rollback n2                                      return a node to its earlier release

    The cluster is that of KUBECONFIG or, in a pod, of its ServiceAccount.

    Exit codes:
      0    done
      1    a bug
      2    wrong usage or configuration
      3    a prerequisite is missing
      4    conflict with another run, or somebody changed what the run works on
      5    timed out
      6    stopped: nodes are left to upgrade
      7    a node failed; it was rolled back unless the status names it as failed
      75   try again later"
  `);
});

test.each(withSubcommands(program).map((command) => [pathOf(command), command] as const))(
  'the help of "%s" has an example of it',
  (path, command) => {
    let text = '';
    command.configureOutput({ writeOut: (part) => (text += part) }).outputHelp();

    expect(text.split('\nExamples:\n')[1] ?? '').toContain(path);
  },
);

test('a command has its own exit codes in its help', async () => {
  const { stdout } = await run(['stop', '--help']);

  expect(stdout).toContain('  6  no process has the run, and it has begun nodes: resume it to finish them\n');
});

test.each([
  [['upgrad'], "error: unknown command 'upgrad'\n(Did you mean upgrade?)\nRun kata-lifecycle --help."],
  [['why'], "error: missing required argument 'node'\nRun kata-lifecycle why --help."],
  [['rollback'], "error: missing required argument 'nodes'\nRun kata-lifecycle rollback --help."],
  [
    ['status', '--wach'],
    "error: unknown option '--wach'\n(Did you mean --watch?)\nRun kata-lifecycle status --help.",
  ],
  [
    ['plan', '--to', '3.25.0'],
    "error: required option '--verification-pod <file>' not specified\nRun kata-lifecycle plan --help.",
  ],
  [
    ['verify', 'n1', '--verification-pod', '/nowhere/pod.yaml'],
    'kata-lifecycle: cannot read the verification pod from "/nowhere/pod.yaml"\n  because: ENOENT: no such file or directory, open \'/nowhere/pod.yaml\'\n  next: give the path of a file with the YAML of one Pod: --verification-pod FILE',
  ],
  [
    ['rollback', 'n1', '--batch-size', '0'],
    'kata-lifecycle: the parameter batch-size is refused: "0" is not a whole number above 0\n  next: write it as 1',
  ],
])('%j is refused as wrong usage', async (words, stderr) => {
  expect(await run(words)).toEqual({ exitCode: 2, stdout: '', stderr });
});
