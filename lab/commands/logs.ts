import { join } from 'node:path';
import { Command } from 'commander';
import type { LabConfig } from '../config.ts';
import { labPlace, machineDirectory } from '../lab.ts';
import { requireMachine } from '../lifecycle/require-machine.ts';
import { machineRoot } from '../machines/prepare-machine.ts';
import { runInTerminal } from './run-in-terminal.ts';
import { type NameOption, nameOption } from './options.ts';

interface LogsOptions extends NameOption {
  readonly follow?: boolean;
  readonly lines?: string;
}

export function logsCommand(config: LabConfig): Command {
  return new Command('logs')
    .description('show the systemd journal of a machine, running or not')
    .argument('<machine>', 'name of a node, or "control"')
    .argument('[unit]', 'show only this unit, such as kubelet or kube-apiserver')
    .addOption(nameOption(config))
    .option('-f, --follow', 'print new lines as they arrive')
    .option('-n, --lines <count>', 'show only the last lines')
    .addHelpText(
      'after',
      '\nExamples:\n  lab logs n1 kubelet --follow\n  lab logs control kube-apiserver -n 50',
    )
    .action(async (machine: string, unit: string | undefined, options: LogsOptions) => {
      const place = labPlace(options.name, config);
      await requireMachine(place, machine);
      await runInTerminal([
        'journalctl',
        '--no-pager',
        '--quiet',
        `--directory=${join(machineRoot(machineDirectory(place, machine)), 'var/log/journal')}`,
        ...(unit === undefined ? [] : [`--unit=${unit}`]),
        ...(options.follow === true ? ['--follow'] : []),
        ...(options.lines === undefined ? [] : [`--lines=${options.lines}`]),
      ]);
    });
}
