import { join } from 'node:path';
import { exitCodes, KataError } from '@kata/core';
import { Command } from 'commander';
import { argoNamespace } from '../argo/objects.ts';
import type { LabConfig } from '../config.ts';
import { labPlace, toolLink } from '../lab.ts';
import { kubeconfigFile } from '../lifecycle/api-client.ts';
import { requireRecord } from '../record.ts';
import { runInTerminal } from './run-in-terminal.ts';
import { type NameOption, nameOption } from './options.ts';

export function argoCommand(config: LabConfig): Command {
  return new Command('argo')
    .description('run the CLI of Argo Workflows against a lab that was started with --argo')
    .argument(
      '[arguments...]',
      `arguments of argo; its namespace is ${argoNamespace}, unless they name another`,
    )
    .addOption(nameOption(config))
    .passThroughOptions()
    .allowUnknownOption()
    .addHelpText('after', '\nExamples:\n  lab argo submit --watch workflow.yaml\n  lab argo logs @latest')
    .action(async (words: readonly string[], options: NameOption) => {
      const place = labPlace(options.name, config);
      const { argo } = await requireRecord(place);
      if (!argo) {
        throw new KataError('KATA_LAB_NO_ARGO', `lab "${place.name}" has no Argo Workflows`, {
          exitCode: exitCodes.precondition,
          hint: `recreate it: lab down --name ${place.name}, then lab up --argo --name ${place.name}`,
        });
      }
      await runInTerminal([join(toolLink(place, 'argo'), 'argo'), ...words], {
        KUBECONFIG: kubeconfigFile(place),
        ARGO_NAMESPACE: argoNamespace,
      });
    });
}
