import { exitCodes, KataError } from '@kata/core';
import { withProgress } from '@kata/report';
import { Command } from 'commander';
import type { LabConfig } from '../config.ts';
import { buildAll } from '../lifecycle/build-tools.ts';
import { checkPlatform } from '../prerequisites/check-machine.ts';
import { installSystemPackages } from '../prerequisites/system-packages.ts';
import { type ToolName, toolNames } from '../tools/catalog.ts';
import { type OutputOption, outputOption, print } from './options.ts';

export function buildCommand(config: LabConfig): Command {
  return new Command('build')
    .description('build the tools that labs need, and print their folders')
    .argument('[tools...]', `tools to build (default: all): ${toolNames.join(', ')}`)
    .addOption(outputOption())
    .addHelpText('after', '\nExamples:\n  lab build\n  lab build shim helm')
    .action(async (words: readonly string[], options: OutputOption) => {
      checkPlatform();
      const names = words.length === 0 ? toolNames : words.map(parseTool);
      const built = await withProgress(async (progress) => {
        await installSystemPackages(names, progress);
        return await buildAll(names, config.cacheDirectory, progress);
      });
      const directories = Object.fromEntries(built.toolDirectories);
      print(
        options.output === 'json'
          ? JSON.stringify({ rootFileSystem: built.baseDirectory, tools: directories }, undefined, 2)
          : Object.values(directories).join('\n'),
      );
    });
}

function parseTool(text: string): ToolName {
  const known = toolNames.find((name) => name === text);
  if (known !== undefined) return known;
  throw new KataError('KATA_LAB_USAGE', `unknown tool "${text}"`, {
    exitCode: exitCodes.usage,
    hint: `the tools are ${toolNames.join(', ')}`,
  });
}
