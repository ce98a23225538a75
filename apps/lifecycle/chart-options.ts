/** The options that say where the chart of kata-deploy and Helm are. */
import type { HelmOptions, NamedChart } from '@kata/orchestrator';
import type { Command } from 'commander';
import { readConfig } from './config.ts';

const defaultChart = 'oci://quay.io/kata-containers/kata-deploy-charts/kata-deploy';

export function addChartOptions(command: Command): Command {
  command
    .option('--chart <source>', 'oci://HOST/PATH, a folder, a .tgz file, or a name', defaultChart)
    .option('--chart-repository <url>', 'chart repository that has the chart of this name')
    .option('--chart-ca-file <file>', 'certificate authorities of its server')
    .option('--chart-credentials-file <file>', "in the form of Docker's config.json")
    .option('--plain-http', 'the registry of the chart has no TLS');
  return addHelmOption(command);
}

export function addHelmOption(command: Command): Command {
  return command.option('--helm <program>', 'name or path of Helm', 'helm');
}

export function readHelmOption(command: Command): HelmOptions {
  return { program: command.opts()['helm'], environment: readConfig().environment };
}

export interface ChartOptions {
  readonly chart: NamedChart;
  /** Relative paths start there. */
  readonly directory: string;
  readonly helm: HelmOptions;
}

export function readChartOptions(command: Command): ChartOptions {
  const { directory } = readConfig();
  const { chart, chartRepository, chartCaFile, chartCredentialsFile, plainHttp } = command.opts();
  return {
    chart: {
      chart,
      ...(chartRepository === undefined ? {} : { repository: chartRepository }),
      ...(chartCaFile === undefined ? {} : { caFile: chartCaFile }),
      ...(chartCredentialsFile === undefined ? {} : { credentialsFile: chartCredentialsFile }),
      ...(plainHttp === true ? { isPlainHttp: true } : {}),
    },
    directory,
    helm: readHelmOption(command),
  };
}
