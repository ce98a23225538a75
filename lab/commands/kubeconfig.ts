import { readFile } from 'node:fs/promises';
import { Command } from 'commander';
import type { LabConfig } from '../config.ts';
import { labPlace } from '../lab.ts';
import { kubeconfigFile } from '../lifecycle/api-client.ts';
import { requireRecord } from '../record.ts';
import { type NameOption, nameOption, print } from './options.ts';

export function kubeconfigCommand(config: LabConfig): Command {
  return new Command('kubeconfig')
    .description('print the administrator kubeconfig of a lab')
    .addOption(nameOption(config))
    .option('--path', 'print the path of the file, not its content')
    .addHelpText('after', '\nExample:\n  export KUBECONFIG=$(lab kubeconfig --path)')
    .action(async (options: NameOption & { readonly path?: boolean }) => {
      const place = labPlace(options.name, config);
      await requireRecord(place);
      const file = kubeconfigFile(place);
      print(options.path === true ? file : await readFile(file, 'utf8'));
    });
}
