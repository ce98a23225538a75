import { Command } from 'commander';
import type { LabConfig } from '../config.ts';
import { listProcesses } from '../namespace-host/control-groups.ts';
import { labPlace } from '../lab.ts';
import { takeDown } from '../lifecycle/take-down.ts';
import { checkPlatform } from '../prerequisites/check-machine.ts';
import { readRecord } from '../record.ts';
import { type NameOption, nameOption, print } from './options.ts';

export function downCommand(config: LabConfig): Command {
  return new Command('down')
    .description('stop a lab and remove everything that it created, also after a crash')
    .addOption(nameOption(config))
    .addHelpText('after', '\nExample:\n  lab down --name second')
    .action(async (options: NameOption) => {
      checkPlatform();
      const place = labPlace(options.name, config);
      const existed =
        (await readRecord(place).catch(() => true)) !== undefined ||
        (await listProcesses(place.group)).size > 0;
      await takeDown(place);
      print(existed ? `Lab "${place.name}" is removed.` : `Lab "${place.name}" does not exist.`);
    });
}
