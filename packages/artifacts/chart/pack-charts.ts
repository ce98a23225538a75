/** The archives of a release's charts, as Helm installs them. */
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { type LayerEntry, packLayer } from '@kata/oci';
import { parseDocument } from 'yaml';

/** The names of each chart: of its folder in `charts`, and the one that the first design of upgrades gives it. */
const namesOf: Readonly<Record<string, readonly string[]>> = {
  'kata-deploy': ['kata-deploy'],
  'kata-lifecycle-manager': ['kata-lifecycle-manager', 'kata-upgrade'],
};

export interface PackChartsOptions {
  /** This repository. */
  readonly checkout: string;
  /** Of the charts and of the images that they name. */
  readonly version: string;
  /** Directory of the archives; those of the same names are replaced. */
  readonly output: string;
}

export interface PackedChart {
  readonly name: string;
  readonly version: string;
  readonly file: string;
}

/** The same content gives the same bytes. */
export async function packCharts({
  checkout,
  version,
  output,
}: PackChartsOptions): Promise<readonly PackedChart[]> {
  await mkdir(output, { recursive: true });
  const packed: PackedChart[] = [];
  for (const [folder, names] of Object.entries(namesOf)) {
    for (const name of names) {
      const archive = await packChart(join(checkout, 'charts', folder), { name, version });
      const file = join(output, `${name}-${version}.tgz`);
      await replaceFile(file, archive);
      packed.push({ name, version, file });
    }
  }
  return packed;
}

async function packChart(folder: string, chart: Pick<PackedChart, 'name' | 'version'>): Promise<Buffer> {
  const entries: LayerEntry[] = [];
  for (const path of await filesIn(folder)) {
    const content = await readFile(join(folder, path));
    entries.push({
      ...{ kind: 'file', path: `${chart.name}/${path}` },
      content: path === 'Chart.yaml' ? describe(content.toString(), chart) : content,
    });
  }
  return gzipSync(await packLayer(entries), { level: 9 });
}

/** Chart.yaml first, as Helm writes it. */
async function filesIn(folder: string): Promise<readonly string[]> {
  const paths = await readdir(folder, { recursive: true });
  const files: string[] = [];
  for (const path of paths.toSorted()) {
    if ((await stat(join(folder, path))).isFile()) files.push(path);
  }
  return ['Chart.yaml', ...files.filter((path) => path !== 'Chart.yaml')];
}

function describe(text: string, { name, version }: Pick<PackedChart, 'name' | 'version'>): Buffer {
  const document = parseDocument(text);
  document.set('name', name);
  document.set('version', version);
  document.set('appVersion', version);
  return Buffer.from(String(document));
}

/** A reader sees the whole archive or the earlier one. */
async function replaceFile(file: string, content: Uint8Array): Promise<void> {
  const unfinished = `${file}.unfinished`;
  try {
    await writeFile(unfinished, content);
    await rename(unfinished, file);
  } finally {
    await rm(unfinished, { force: true });
  }
}
