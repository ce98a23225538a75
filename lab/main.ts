/** The lab: a real Kubernetes cluster on one machine. */
import { describeError, exitCodes, KataError } from '@kata/core';
import { Command } from 'commander';
import { buildCommand } from './commands/build.ts';
import { downCommand } from './commands/down.ts';
import { execCommand } from './commands/exec.ts';
import { helmCommand } from './commands/helm.ts';
import { kubeconfigCommand } from './commands/kubeconfig.ts';
import { kubectlCommand } from './commands/kubectl.ts';
import { loadCommand } from './commands/load.ts';
import { logsCommand } from './commands/logs.ts';
import { nodeCommand } from './commands/node.ts';
import { payloadCommand } from './commands/payload.ts';
import { publishCommand } from './commands/publish.ts';
import { statusCommand } from './commands/status.ts';
import { upCommand } from './commands/up.ts';
import { readConfig } from './config.ts';

const config = readConfig(process.env);

const program = new Command('lab')
  .description(
    'A real Kubernetes cluster on this machine: real etcd, API server, kubelets, systemd and engines.',
  )
  .enablePositionalOptions()
  .showHelpAfterError('Run lab --help to see what there is.')
  .addHelpText(
    'after',
    `
Examples:
  lab up                                   three nodes on containerd 2.4
  lab kubectl get nodes
  lab exec n1 -- systemctl status containerd
  lab down

Environment:
  LAB_NAME    the lab that commands are about when --name is not given (${config.defaultName})
  LAB_CACHE   where built tools are kept (${config.cacheDirectory})
  LAB_STATE   where labs are kept (${config.stateDirectory})`,
  );

for (const make of [
  upCommand,
  downCommand,
  statusCommand,
  kubeconfigCommand,
  kubectlCommand,
  helmCommand,
  execCommand,
  logsCommand,
  loadCommand,
  buildCommand,
  nodeCommand,
  payloadCommand,
  publishCommand,
]) {
  program.addCommand(make(config));
}

// Commander exits by itself with 1 after a usage error; ours is 2 everywhere.
for (const command of [program, ...program.commands, ...program.commands.flatMap((c) => c.commands)]) {
  command.exitOverride((error) => {
    process.exit(error.exitCode === 0 ? exitCodes.ok : exitCodes.usage);
  });
}

try {
  await program.parseAsync();
} catch (error) {
  process.stderr.write(`lab: ${describeError(error)}\n`);
  process.exitCode = error instanceof KataError ? error.exitCode : exitCodes.bug;
}
