import { formatTable } from '@kata/report';
import { Command } from 'commander';
import type { LabConfig } from '../config.ts';
import { labPlace } from '../lab.ts';
import { type LabStatus, readStatus } from '../lifecycle/status.ts';
import { listLabs, requireRecord } from '../record.ts';
import { type NameOption, nameOption, type OutputOption, outputOption, print } from './options.ts';

export function statusCommand(config: LabConfig): Command {
  return new Command('status')
    .description('show the machines of a lab, and the names of other labs')
    .addOption(nameOption(config))
    .addOption(outputOption())
    .addHelpText('after', '\nExample:\n  lab status --output json')
    .action(async (options: NameOption & OutputOption) => {
      const place = labPlace(options.name, config);
      const status = await readStatus(place, await requireRecord(place));
      if (options.output === 'json') {
        print(JSON.stringify(status, undefined, 2));
        return;
      }
      print(formatStatus(status));
      const others = (await listLabs(config)).filter((name) => name !== options.name);
      if (others.length > 0) print(`\nOther labs: ${others.join(', ')}`);
    });
}

function formatStatus(status: LabStatus): string {
  const rows = status.machines.map((machine) => [
    machine.name,
    machine.running ? 'running' : 'off',
    machine.ready === undefined ? 'unknown' : machine.ready ? 'ready' : 'not ready',
    machine.address,
    machine.engine,
  ]);
  const table = formatTable([['MACHINE', 'STATE', 'NODE', 'ADDRESS', 'ENGINE'], ...rows]);
  return `Lab "${status.name}": ${status.phase}\nAPI server ${status.api}, registry ${status.registry}\n\n${table}`;
}
