import { Command } from 'commander';
import type { LabConfig } from '../config.ts';
import { labPlace } from '../lab.ts';
import { kubeconfigFile, kubectlProgram } from '../lifecycle/api-client.ts';
import { requireRecord } from '../record.ts';
import { runInTerminal } from './run-in-terminal.ts';
import { type NameOption, nameOption, passOptionsOn } from './options.ts';

export function kubectlCommand(config: LabConfig): Command {
  const command = new Command('kubectl')
    .description('run kubectl as the administrator of a lab')
    .argument('[arguments...]', 'arguments of kubectl')
    .addOption(nameOption(config))
    .addHelpText('after', '\nExamples:\n  lab kubectl get pods -A\n  lab kubectl --name second get nodes')
    .action(async (words: readonly string[], options: NameOption) => {
      const place = labPlace(options.name, config);
      await requireRecord(place);
      await runInTerminal([kubectlProgram(place), ...words], { KUBECONFIG: kubeconfigFile(place) });
    });
  return passOptionsOn(command);
}
