import { Command } from 'commander';
import type { LabConfig } from '../config.ts';
import { labPlace } from '../lab.ts';
import { requireMachine } from '../lifecycle/require-machine.ts';
import { onMachine } from '../machines/boot-machine.ts';
import { runInTerminal } from './run-in-terminal.ts';
import { type NameOption, nameOption } from './options.ts';

export function execCommand(config: LabConfig): Command {
  return new Command('exec')
    .description('run a command on a machine of a lab, as root')
    .argument('<machine>', 'name of a node, or "control"')
    .argument('<command...>', 'command and its arguments')
    .addOption(nameOption(config))
    .passThroughOptions()
    .addHelpText('after', '\nExamples:\n  lab exec n1 -- systemctl restart containerd\n  lab exec n1 -- bash')
    .action(async (machine: string, words: readonly string[], options: NameOption) => {
      const place = labPlace(options.name, config);
      await requireMachine(place, machine);
      const argv = words[0] === '--' ? words.slice(1) : words;
      const env = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' };
      await runInTerminal(await onMachine(place, machine, argv), env);
    });
}
