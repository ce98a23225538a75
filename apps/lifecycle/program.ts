/** The commands of kata-lifecycle and their help. */
import { Command, Option } from 'commander';
import { historyCommand } from './commands/history.ts';
import { manageCommand } from './commands/manage.ts';
import { nodesCommand } from './commands/nodes.ts';
import { planCommand } from './commands/plan.ts';
import { rollbackCommand } from './commands/rollback.ts';
import { statusCommand } from './commands/status.ts';
import { stepCommand } from './commands/step.ts';
import { stopCommand } from './commands/stop.ts';
import { unmanageCommand } from './commands/unmanage.ts';
import { upgradeCommand } from './commands/upgrade.ts';
import { verifyCommand } from './commands/verify.ts';
import { whyCommand } from './commands/why.ts';

/** Exit codes of every command. */
export const commonExits: Readonly<Record<number, string>> = {
  0: 'done',
  1: 'a bug',
  2: 'wrong usage or configuration',
  3: 'a prerequisite is missing',
  4: 'conflict with another run, or somebody changed what the run works on',
  5: 'timed out',
  6: 'stopped: nodes are left to upgrade',
  7: 'a node failed; it was rolled back unless the status names it as failed',
  75: 'try again later',
};

const userCommands = [
  planCommand,
  upgradeCommand,
  statusCommand,
  whyCommand,
  stopCommand,
  rollbackCommand,
  verifyCommand,
  nodesCommand,
  historyCommand,
  manageCommand,
  unmanageCommand,
];

export function makeProgram(): Command {
  const program = new Command('kata-lifecycle')
    .description(
      'Upgrades Kata Containers on the nodes of a cluster, one after the other: verifies each node with your pod, and rolls it back when that fails.',
    )
    .option('--release <name>', 'Helm release of kata-deploy', orDefault, 'kata-deploy')
    .option('--namespace <name>', 'its namespace', orDefault, 'kube-system')
    .addOption(
      new Option('--progress <mode>', 'live in a terminal, plain lines, or lines of JSON')
        .choices(['auto', 'plain', 'json'])
        .default('auto'),
    )
    .addOption(new Option('--output <form>', 'form of results').choices(['text', 'json']).default('text'))
    .addHelpText('after', describeProgram());
  for (const make of userCommands) program.addCommand(make());
  program.commandsGroup('For workflows:').addCommand(stepCommand());
  for (const command of withSubcommands(program)) {
    command.configureHelp({ showGlobalOptions: true }).showHelpAfterError(`Run ${nameOf(command)} --help.`);
  }
  return program;
}

/** A parameter of a workflow may be empty. */
function orDefault(text: string, standard: string): string {
  return text.trim() || standard;
}

export function withSubcommands(command: Command): readonly Command[] {
  return [command, ...command.commands.flatMap(withSubcommands)];
}

function nameOf(command: Command): string {
  return command.parent === null ? command.name() : `${nameOf(command.parent)} ${command.name()}`;
}

function describeProgram(): string {
  const exits = Object.entries(commonExits).map(([code, meaning]) => `  ${code.padEnd(3)}  ${meaning}`);
  return `
Examples:
  kata-lifecycle plan --to 3.25.0 --verification-pod pod.yaml     show what an upgrade would do
  kata-lifecycle upgrade --to 3.25.0 --verification-pod pod.yaml  upgrade node by node
  kata-lifecycle status --watch                                   show every node and what to do next
  kata-lifecycle rollback n2                                      return a node to its earlier release

The cluster is that of KUBECONFIG or, in a pod, of its ServiceAccount.

Exit codes:
${exits.join('\n')}`;
}
