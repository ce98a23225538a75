/** The lab: a real Kubernetes cluster on one machine. */
import { describeError, exitCodes, KataError } from '@kata/core';
import { Command } from 'commander';
import { readConfig } from './config.ts';

const config = readConfig(process.env);

const program = new Command('lab')
  .description(
    'Runs a real Kubernetes cluster on this machine: etcd, API server, and nodes with systemd, kubelet and containerd.',
  )
  .enablePositionalOptions()
  .showHelpAfterError('Run lab --help for the list of commands.')
  .addHelpText(
    'after',
    `
Examples:
  lab up                                   three nodes on containerd 2.4
  lab kubectl get nodes
  lab exec n1 -- systemctl status containerd
  lab down

Environment:
  LAB_NAME    default of --name (${config.defaultName})
  LAB_CACHE   folder of the built tools (${config.cacheDirectory})
  LAB_STATE   folder of the labs (${config.stateDirectory})`,
  );

/** Loaded on demand: loading takes longer than most commands run. */
const commands = {
  up: async () => (await import('./commands/up.ts')).upCommand,
  down: async () => (await import('./commands/down.ts')).downCommand,
  status: async () => (await import('./commands/status.ts')).statusCommand,
  kubeconfig: async () => (await import('./commands/kubeconfig.ts')).kubeconfigCommand,
  kubectl: async () => (await import('./commands/kubectl.ts')).kubectlCommand,
  helm: async () => (await import('./commands/helm.ts')).helmCommand,
  exec: async () => (await import('./commands/exec.ts')).execCommand,
  logs: async () => (await import('./commands/logs.ts')).logsCommand,
  load: async () => (await import('./commands/load.ts')).loadCommand,
  build: async () => (await import('./commands/build.ts')).buildCommand,
  node: async () => (await import('./commands/node.ts')).nodeCommand,
  payload: async () => (await import('./commands/payload.ts')).payloadCommand,
  publish: async () => (await import('./commands/publish.ts')).publishCommand,
};

const named = process.argv[2] ?? '';
const loads = Object.entries(commands).filter(([name]) => name === named);
for (const [, load] of loads.length === 0 ? Object.entries(commands) : loads) {
  program.addCommand((await load())(config));
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
