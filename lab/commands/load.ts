import { Command } from 'commander';
import type { LabConfig } from '../config.ts';
import { findImageSource, pushImage } from '../images/push-image.ts';
import { labPlace } from '../lab.ts';
import { requireRecord } from '../record.ts';
import { type NameOption, nameOption, type OutputOption, outputOption, print } from './options.ts';

interface LoadOptions extends NameOption, OutputOption {
  readonly as?: string;
}

export function loadCommand(config: LabConfig): Command {
  return new Command('load')
    .description('push an image to the registry of a lab, from which its nodes pull')
    .argument('<image>', 'an OCI image layout (folder), an OCI archive, or the output of docker save')
    .option('--as <name:tag>', 'name in the registry (default: name of the file, tag latest)')
    .addOption(nameOption(config))
    .addOption(outputOption())
    .addHelpText('after', '\nExample:\n  lab load ./my-image.tar --as my-image:1')
    .action(async (path: string, options: LoadOptions) => {
      const record = await requireRecord(labPlace(options.name, config));
      const found = await findImageSource(path);
      const pushed = await pushImage(record, found.source, options.as ?? found.reference);
      print(options.output === 'json' ? JSON.stringify(pushed) : `${pushed.image}\n${pushed.pinned}`);
    });
}
