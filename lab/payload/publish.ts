/** Pushes a payload of the lab to its registry: the installer image, and the chart of the same version. */
import { join } from 'node:path';
import type { Progress } from '@kata/report';
import { pushCharts } from '../images/push-charts.ts';
import { pushImage } from '../images/push-image.ts';
import type { LabRecord } from '../record.ts';
import { buildTool } from '../tools/build-tool.ts';
import { buildPayloads, payloadTag, type WantedPayload } from './build-payload.ts';

export interface Published {
  readonly version: string;
  /** As pods name the image. */
  readonly image: string;
  /** References for `lab helm install --plain-http`. */
  readonly charts: readonly string[];
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
      const charts = await pushCharts(record, { helm: program, version, names: ['kata-deploy'] });
      published.push({ version, image: pushed.image, charts });
      say(pushed.image);
    });
  }
  return published;
}
