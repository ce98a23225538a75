/** Pushes a payload of the lab to its registry: the installer image, and the chart of the same version. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Progress } from '@kata/report';
import { pushImage } from '../images/push-image.ts';
import type { LabRecord } from '../record.ts';
import { run } from '../run.ts';
import { buildTool } from '../tools/build-tool.ts';
import { buildPayloads, payloadTag, type WantedPayload } from './build-payload.ts';
import type { PayloadVersion } from './component-files.ts';

const chart = join(import.meta.dirname, '../../charts/kata-deploy');

export interface Published {
  readonly version: PayloadVersion;
  /** As pods name the image. */
  readonly image: string;
  /** The reference of the chart for `lab helm install --plain-http`. */
  readonly chart: string;
}

export async function publishPayloads(
  record: LabRecord,
  payloads: readonly WantedPayload[],
  cache: string,
  progress: Progress,
): Promise<readonly Published[]> {
  const helm = await progress.task('Helm', async (say) => await buildTool('helm', { cache, say }));
  const program = join(helm.directory, 'helm');
  const built = await buildPayloads(payloads, cache, progress);
  const published: Published[] = [];
  for (const payload of built) {
    const { version, image } = payload;
    const tag = payloadTag(payload);
    await progress.task(`publish ${tag}`, async (say) => {
      say('image');
      const pushed = await pushImage(record, `oci:${image}`, `kata-deploy:${tag}`);
      say('chart');
      const repository = `oci://127.0.0.1:${record.registryPort}/charts`;
      await pushChart(program, version, repository);
      published.push({ version, image: pushed.image, chart: `${repository}/kata-deploy` });
      say(pushed.image);
    });
  }
  return published;
}

/** Chart version = appVersion = image tag = payload version. */
async function pushChart(helm: string, version: string, repository: string): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'lab-chart-'));
  try {
    await run([
      ...[helm, 'package', chart, '--version', version, '--app-version', version],
      ...['--destination', directory],
    ]);
    await run([helm, 'push', join(directory, `kata-deploy-${version}.tgz`), repository, '--plain-http']);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
