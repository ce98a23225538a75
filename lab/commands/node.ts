import { withProgress } from '@kata/report';
import { Command } from 'commander';
import type { LabConfig } from '../config.ts';
import { defaultEngine, type EngineName, engineNames } from '../engines/catalog.ts';
import { labPlace } from '../lab.ts';
import { addNode, killNode, startNode, stopNode } from '../lifecycle/power.ts';
import { type NameOption, nameOption, print } from './options.ts';
import { parseEngine } from './up.ts';

export function nodeCommand(config: LabConfig): Command {
  const command = new Command('node')
    .description('stop, start, kill and add nodes')
    .addHelpText('after', '\nExamples:\n  lab node kill n2\n  lab node start n2');
  command
    .command('stop')
    .description('power a node off: its systemd stops every service first')
    .argument('<node>')
    .option('--hard', 'cut the power at once, like "node kill"')
    .addOption(nameOption(config))
    .addHelpText('after', '\nExample:\n  lab node stop n2')
    .action(async (node: string, options: NameOption & { readonly hard?: boolean }) => {
      const place = labPlace(options.name, config);
      await (options.hard === true ? killNode(place, node) : stopNode(place, node));
      print(`Node ${node} is off.`);
    });
  command
    .command('kill')
    .description("cut a node's power: kills all of its processes at once")
    .argument('<node>')
    .addOption(nameOption(config))
    .addHelpText('after', '\nExample:\n  lab node kill n2')
    .action(async (node: string, options: NameOption) => {
      await killNode(labPlace(options.name, config), node);
      print(`Node ${node} is off.`);
    });
  command
    .command('start')
    .description('boot a node that is off, and wait until it is ready')
    .argument('<node>')
    .addOption(nameOption(config))
    .addHelpText('after', '\nExample:\n  lab node start n2')
    .action(async (node: string, options: NameOption) => {
      await withProgress(async (progress) => {
        await startNode(labPlace(options.name, config), node, progress);
      });
      print(`Node ${node} is ready.`);
    });
  command
    .command('add')
    .description('add a node to a lab that is up')
    .argument('<node>', 'name of the new node')
    .option('--engine <engine>', `container runtime (${engineNames.join(', ')})`, parseEngine, defaultEngine)
    .addOption(nameOption(config))
    .addHelpText('after', '\nExample:\n  lab node add n4 --engine containerd-1.7')
    .action(async (node: string, options: NameOption & { readonly engine: EngineName }) => {
      await withProgress(async (progress) => {
        await addNode(labPlace(options.name, config), node, options.engine, progress);
      });
      print(`Node ${node} is ready.`);
    });
  return command;
}
