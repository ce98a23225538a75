import { join } from 'node:path';
import { withProgress } from '@kata/report';
import { Command } from 'commander';
import type { LabConfig } from '../config.ts';
import { labPlace } from '../lab.ts';
import { kubeconfigFile } from '../lifecycle/api-client.ts';
import { requireRecord } from '../record.ts';
import { buildTool } from '../tools/build-tool.ts';
import { tools } from '../tools/catalog.ts';
import { handOver } from './hand-over.ts';
import { type NameOption, nameOption } from './options.ts';

export function helmCommand(config: LabConfig): Command {
  return new Command('helm')
    .description('run helm against a lab; built on first use')
    .argument('[words...]', 'what helm gets')
    .addOption(nameOption(config))
    .passThroughOptions()
    .allowUnknownOption()
    .addHelpText('after', '\nExample:\n  lab helm list --all-namespaces')
    .action(async (words: readonly string[], options: NameOption) => {
      const place = labPlace(options.name, config);
      await requireRecord(place);
      const { directory } = await withProgress(async (progress) => {
        let told = false;
        return await buildTool('helm', {
          cache: place.cache,
          say(detail) {
            if (detail !== 'compiling' || told) return;
            told = true;
            progress.note(`Building ${tools.helm.title} (the first time only)`);
          },
        });
      });
      await handOver([join(directory, 'helm'), ...words], { KUBECONFIG: kubeconfigFile(place) });
    });
}
