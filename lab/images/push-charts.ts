/** Pushes charts of this checkout to the lab's registry, as a release has them. */
import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packCharts } from '@kata/artifacts/chart';
import type { LabRecord } from '../record.ts';
import { run } from '../run.ts';

const checkout = join(import.meta.dirname, '../..');

interface WantedCharts {
  /** The program. */
  readonly helm: string;
  readonly version: string;
  readonly names: readonly string[];
}

/** Returns their references on this machine. */
export async function pushCharts(
  record: LabRecord,
  { helm, version, names }: WantedCharts,
): Promise<readonly string[]> {
  await using output = await mkdtempDisposable(join(tmpdir(), 'lab-charts-'));
  const repository = `oci://127.0.0.1:${record.registryPort}/charts`;
  const packed = await packCharts({ checkout, version, output: output.path });
  const references: string[] = [];
  for (const { name, file } of packed.filter((chart) => names.includes(chart.name))) {
    await run([helm, 'push', file, repository, '--plain-http']);
    references.push(`${repository}/${name}`);
  }
  return references;
}
