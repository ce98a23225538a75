/** The lab's commands, with what its help says. */
import { Command } from 'commander';
import type { LabConfig } from './config.ts';

/** Loaded on demand: loading takes longer than most commands run. */
const commands = {
  up: async () => (await import('./commands/up.ts')).upCommand,
  down: async () => (await import('./commands/down.ts')).downCommand,
  status: async () => (await import('./commands/status.ts')).statusCommand,
  kubeconfig: async () => (await import('./commands/kubeconfig.ts')).kubeconfigCommand,
  kubectl: async () => (await import('./commands/kubectl.ts')).kubectlCommand,
  helm: async () => (await import('./commands/helm.ts')).helmCommand,
  argo: async () => (await import('./commands/argo.ts')).argoCommand,
  exec: async () => (await import('./commands/exec.ts')).execCommand,
  logs: async () => (await import('./commands/logs.ts')).logsCommand,
  load: async () => (await import('./commands/load.ts')).loadCommand,
  build: async () => (await import('./commands/build.ts')).buildCommand,
  node: async () => (await import('./commands/node.ts')).nodeCommand,
  payload: async () => (await import('./commands/payload.ts')).payloadCommand,
  publish: async () => (await import('./commands/publish.ts')).publishCommand,
};

/** `named`: the first word of what is asked; only its command is loaded. Undefined, or no command: all are. */
export async function makeProgram(config: LabConfig, named?: string): Promise<Command> {
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
  const loads = Object.entries(commands).filter(([name]) => name === named);
  for (const [, load] of loads.length === 0 ? Object.entries(commands) : loads) {
    program.addCommand((await load())(config));
  }
  return program;
}
