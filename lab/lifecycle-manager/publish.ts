/** Pushes the image of kata-lifecycle and the chart kata-lifecycle-manager, under both of its names, to the lab's registry. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bundleProgram } from '@kata/artifacts/image';
import type { Progress } from '@kata/report';
import { pushCharts } from '../images/push-charts.ts';
import { pushImage } from '../images/push-image.ts';
import type { Published } from '../payload/publish.ts';
import type { LabRecord } from '../record.ts';
import { buildOnce } from '../tools/build-once.ts';
import { buildTool } from '../tools/build-tool.ts';
import { contentKey, readSources } from '../tools/content-key.ts';
import { keepNewest } from '../tools/keep-newest.ts';

const checkout = join(import.meta.dirname, '../..');
const title = 'publish kata-lifecycle-manager';
const chartNames = ['kata-lifecycle-manager', 'kata-upgrade'];

export async function publishLifecycleManager(
  record: LabRecord,
  version: string,
  cache: string,
  progress: Progress,
): Promise<Published> {
  return await progress.task(title, async (say) => {
    const { directory } = await buildTool('helm', { cache, say });
    const helm = join(directory, 'helm');
    const layout = await buildImage(version, helm, cache, say);
    const { image } = await pushImage(record, `oci:${layout}`, `kata-lifecycle-manager:${version}`);
    const charts = await pushCharts(record, { helm, version, names: chartNames });
    say(image);
    return { version, image, charts };
  });
}

/** Returns the image layout. */
async function buildImage(
  version: string,
  helm: string,
  cache: string,
  say: (detail: string) => void,
): Promise<string> {
  const bundle = await bundleProgram(checkout, 'apps/lifecycle/main.ts');
  const packing = await Promise.all(
    ['packages/artifacts', 'packages/oci'].map(
      async (folder) => await readSources(join(checkout, folder), isSource),
    ),
  );
  const contents = [...bundle.map(({ content }) => content), await readFile(helm)];
  const key = contentKey([version, process.version, ...contents.map(digest), ...packing.flat()]);
  const images = join(cache, 'lifecycle-images');
  const wasBuilt = await buildOnce({
    cache,
    directory: join(images, `lifecycle-${key}`),
    command: (unfinished) => [
      ...[join(checkout, 'bin/kata-packaging'), 'lifecycle', '--helm', helm],
      ...['--version', version, '--output', unfinished],
    ],
    env: { KATA_PACKAGING_CACHE: join(cache, 'packaging') },
    onLine: (line) => {
      say(line.replaceAll(/\s+/g, ' ').trim().slice(0, 80));
    },
  });
  if (wasBuilt) await keepNewest(images, 'lifecycle');
  return join(images, `lifecycle-${key}`);
}

function isSource(path: string): boolean {
  return path.endsWith('.ts') && !path.endsWith('.test.ts');
}

function digest(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}
