import { withProgress } from '@kata/report';
import { Command, Option } from 'commander';
import type { LabConfig } from '../config.ts';
import { labPlace } from '../lab.ts';
import { publishLifecycleManager } from '../lifecycle-manager/publish.ts';
import { payloadSizes, type PayloadSize, payloadVersions } from '../payload/component-files.ts';
import { type Published, publishPayloads } from '../payload/publish.ts';
import { requireRecord } from '../record.ts';
import { type NameOption, nameOption, type OutputOption, outputOption, print } from './options.ts';

type PublishOptions = NameOption & OutputOption & { readonly size: PayloadSize };

export function publishCommand(config: LabConfig): Command {
  return new Command('publish')
    .description(
      'push the installer images and charts for labs to the registry of a lab; with Argo, also kata-lifecycle-manager',
    )
    .addOption(nameOption(config))
    .addOption(
      new Option('--size <size>', 'small: the payload has files of a few kB, and image tags end in -small')
        .choices(payloadSizes)
        .default('usual'),
    )
    .addOption(outputOption())
    .addHelpText(
      'after',
      '\nExample:\n  lab publish\n  lab helm install kata-deploy oci://REGISTRY/charts/kata-deploy --plain-http --version 3.24.0',
    )
    .action(async (options: PublishOptions) => {
      const record = await requireRecord(labPlace(options.name, config));
      const published = await withProgress(async (progress) => {
        const wanted = payloadVersions.map((version) => ({ version, size: options.size }));
        const payloads = await publishPayloads(record, wanted, config.cacheDirectory, progress);
        const version = payloadVersions.at(-1);
        if (!record.argo || version === undefined) return payloads;
        const manager = await publishLifecycleManager(record, version, config.cacheDirectory, progress);
        return [...payloads, manager];
      });
      print(
        options.output === 'json'
          ? JSON.stringify(published, undefined, 2)
          : published.flatMap(rows).join('\n'),
      );
    });
}

function rows({ image, charts, version }: Published): readonly string[] {
  return [image, ...charts.map((chart) => `${chart} --version ${version}`)];
}
