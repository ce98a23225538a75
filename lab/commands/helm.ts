import { join } from 'node:path';
import { withProgress } from '@kata/report';
import { Command } from 'commander';
import type { LabConfig } from '../config.ts';
import { labPlace } from '../lab.ts';
import { kubeconfigFile } from '../lifecycle/api-client.ts';
import { requireRecord } from '../record.ts';
import { buildTool } from '../tools/build-tool.ts';
import { tools } from '../tools/catalog.ts';
import { runInTerminal } from './run-in-terminal.ts';
import { type NameOption, nameOption, passOptionsOn } from './options.ts';

export function helmCommand(config: LabConfig): Command {
  const command = new Command('helm')
    .description('run helm against the cluster of a lab (builds helm on first use)')
    .argument('[arguments...]', 'arguments of helm')
    .addOption(nameOption(config))
    .addHelpText('after', '\nExample:\n  lab helm list --all-namespaces')
    .action(async (words: readonly string[], options: NameOption) => {
      const place = labPlace(options.name, config);
      await requireRecord(place);
      const { directory } = await withProgress(async (progress) => {
        let noted = false;
        return await buildTool('helm', {
          cache: place.cache,
          say(detail) {
            if (detail !== 'compiling' || noted) return;
            noted = true;
            progress.note(`Building ${tools.helm.title} (the first time only)`);
          },
        });
      });
      await runInTerminal([join(directory, 'helm'), ...words], { KUBECONFIG: kubeconfigFile(place) });
    });
  return passOptionsOn(command);
}
