import { exitCodes, KataError } from '@kata/core';
import { formatSeconds, withProgress } from '@kata/report';
import { Command, Option } from 'commander';
import type { LabConfig } from '../config.ts';
import { defaultEngine, type EngineName, engineNames } from '../engines/catalog.ts';
import { labPlace } from '../lab.ts';
import { bringUp } from '../lifecycle/bring-up.ts';
import { checkPlatform } from '../prerequisites/check-machine.ts';
import { type NameOption, nameOption, print } from './options.ts';

interface UpOptions extends NameOption {
  readonly nodes?: number;
  readonly engine: readonly EngineName[];
  readonly argo?: boolean;
}

export function upCommand(config: LabConfig): Command {
  return new Command('up')
    .description('start a cluster; the first run on a machine builds the tools, which takes many minutes')
    .addOption(
      new Option('--nodes <count>', 'number of nodes (default: one per --engine, else 3)').argParser(
        parseCount,
      ),
    )
    .addOption(
      new Option(
        '--engine <engine>',
        `container runtime of a node; repeat it for each node, the last one is used for the remaining nodes (${engineNames.join(', ')})`,
      )
        .default([], defaultEngine)
        .argParser(collectEngine),
    )
    .option('--argo', 'with Argo Workflows: its controller, its CLI (lab argo) and the namespace argo')
    .addOption(nameOption(config))
    .addHelpText(
      'after',
      `
Examples:
  lab up
  lab up --nodes 3 --engine containerd-2.4 --engine containerd-2.2 --engine containerd-1.6
  lab up --name second --nodes 1
  lab up --argo`,
    )
    .action(async (options: UpOptions) => {
      checkPlatform();
      const startedAt = performance.now();
      const place = labPlace(options.name, config);
      const record = await withProgress(
        async (progress) =>
          await bringUp({ place, engines: chooseEngines(options), argo: options.argo === true, progress }),
      );
      const suffix = options.name === 'default' ? '' : ` --name ${options.name}`;
      print(
        `Lab "${record.name}" is up: ${record.nodes.length} nodes ready after ${formatSeconds((performance.now() - startedAt) / 1000)}.
  lab kubectl${suffix} get nodes -o wide
  export KUBECONFIG=$(lab kubeconfig${suffix} --path)
  lab down${suffix}`,
      );
    });
}

/** The engine of each node. */
export function chooseEngines(options: Pick<UpOptions, 'nodes' | 'engine'>): readonly EngineName[] {
  const count = options.nodes ?? (options.engine.length > 0 ? options.engine.length : 3);
  if (options.engine.length > count) {
    throw new KataError(
      'KATA_LAB_USAGE',
      `--engine is given ${options.engine.length} times for ${count} nodes`,
      {
        exitCode: exitCodes.usage,
        hint: 'use --engine at most once per node',
      },
    );
  }
  return Array.from({ length: count }, (_, i) => options.engine[i] ?? options.engine.at(-1) ?? defaultEngine);
}

function parseCount(text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count >= 1 && count <= 50) return count;
  throw new KataError('KATA_LAB_USAGE', `--nodes must be a number from 1 to 50, not "${text}"`, {
    exitCode: exitCodes.usage,
  });
}

export function parseEngine(text: string): EngineName {
  const known = engineNames.find((name) => name === text);
  if (known !== undefined) return known;
  throw new KataError('KATA_LAB_USAGE', `unknown container runtime "${text}"`, {
    exitCode: exitCodes.usage,
    hint: `use one of ${engineNames.join(', ')}`,
  });
}

function collectEngine(text: string, before: readonly EngineName[]): readonly EngineName[] {
  return [...before, parseEngine(text)];
}
