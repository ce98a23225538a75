/** The registry of a lab: copies of its images under other names, small payloads, and charts of further versions. */
import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfig } from '@kata/lab/config.ts';
import { type BuiltPayload, buildPayloads } from '@kata/lab/payload/build-payload.ts';
import type { PayloadVersion } from '@kata/lab/payload/component-files.ts';
import { withProgress } from '@kata/report';
import { execa } from 'execa';
import { findHelm } from './helm-chart.ts';
import type { LabDriver } from './lab-driver.ts';

const chart = join(import.meta.dirname, '../../charts/kata-deploy');

/** Host and port, for programs of this machine. */
async function registryOf(lab: LabDriver): Promise<string> {
  const { registry } = JSON.parse(await lab.lab(['status', '--output', 'json'])) as { registry: string };
  return registry;
}

/** `from` and `to`: `NAME:TAG` in the registry. */
export async function copyImage(lab: LabDriver, from: string, to: string): Promise<void> {
  const registry = `docker://${await registryOf(lab)}`;
  await execa('skopeo', [
    ...['copy', '--quiet', '--insecure-policy', '--src-tls-verify=false', '--dest-tls-verify=false'],
    ...[`${registry}/${from}`, `${registry}/${to}`],
  ]);
}

/** With files of a few kB, under the tags of the usual ones: an installation takes a second. */
export async function publishSmallPayloads(lab: LabDriver): Promise<void> {
  await lab.lab(['publish', '--size', 'small']);
  for (const version of ['3.24.0', '3.25.0']) {
    await copyImage(lab, `kata-deploy:${version}-small`, `kata-deploy:${version}`);
  }
}

export async function smallPayload(version: PayloadVersion): Promise<BuiltPayload> {
  const { cacheDirectory } = readConfig(process.env);
  const [built] = await withProgress(
    async (progress) => await buildPayloads([{ version, size: 'small' }], cacheDirectory, progress),
  );
  if (built === undefined) throw new TypeError(version);
  return built;
}

/** Only the chart of the version, not its image. */
export async function pushChart(lab: LabDriver, version: string): Promise<void> {
  const helm = await findHelm();
  await using folder = await mkdtempDisposable(join(tmpdir(), 'kata-chart-'));
  await execa(helm, [
    ...['package', chart, '--destination', folder.path, '--version', version, '--app-version', version],
  ]);
  await execa(helm, [
    ...['push', join(folder.path, `kata-deploy-${version}.tgz`), `oci://${await registryOf(lab)}/charts`],
    '--plain-http',
  ]);
}
