import { withProgress } from '@kata/report';
import { Command, Option } from 'commander';
import type { LabConfig } from '../config.ts';
import { buildPayloads } from '../payload/build-payload.ts';
import { type PayloadVersion, payloadVersions } from '../payload/component-files.ts';
import { checkGo } from '../prerequisites/check-machine.ts';
import { type OutputOption, outputOption, print } from './options.ts';

interface PayloadOptions extends OutputOption {
  readonly version?: PayloadVersion;
}

export function payloadCommand(config: LabConfig): Command {
  return new Command('payload')
    .description('build the installer images for labs; their stand-in for Kata starts no virtual machines')
    .addOption(
      new Option('--version <version>', 'build only this version (default: all)').choices(payloadVersions),
    )
    .addOption(outputOption())
    .addHelpText(
      'after',
      `
Examples:
  lab payload
  lab load "$(lab payload --version 3.24.0 --output json | jq -r '.[0].image')" --as kata-deploy:3.24.0`,
    )
    .action(async (options: PayloadOptions) => {
      const versions = options.version === undefined ? payloadVersions : [options.version];
      const built = await withProgress(async (progress) => {
        await checkGo();
        const wanted = versions.map((version) => ({ version, size: 'usual' as const }));
        return await buildPayloads(wanted, config.cacheDirectory, progress);
      });
      print(
        options.output === 'json'
          ? JSON.stringify(built, undefined, 2)
          : built
              .map(
                (one) =>
                  `${one.payload}\n  image       ${one.image}\n  digest      ${one.digest}\n  components  ${one.components}`,
              )
              .join('\n'),
      );
    });
}
