/** `make recordings`: records the demos of kata-lifecycle on a real cluster, and renders a picture of each that a browser plays. */
import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEmitter, createLinesReporter, Progress } from '@kata/report';
import { systemClock } from '@kata/core';
import { execa } from 'execa';
import { LabDriver } from '../driver/lab-driver.ts';
import { checkPicture } from './check-picture.ts';
import { type Demo, demos } from './demos.ts';
import { prepareFolder } from './prepare-folder.ts';
import { returnNodes } from './return-nodes.ts';
import { drawPicture } from './draw-picture.ts';
import { recordDemo } from './record-demo.ts';

const output = join(import.meta.dirname, '../../docs/demos');
const keep = process.env['KEEP'] === '1';
/** Names of some of the demos; all when it is empty. */
const wanted = (process.env['DEMOS'] ?? '').split(/[\s,]+/).filter((name) => name !== '');
const chosen = demos.filter(({ name }) => wanted.length === 0 || wanted.includes(name));

const reporter = createLinesReporter({
  write: (line) => process.stderr.write(`${line}\n`),
  clock: systemClock,
});
const progress = new Progress(createEmitter(reporter, systemClock));
const lab = new LabDriver('recordings');

await using folder = await mkdtempDisposable(join(tmpdir(), 'kata-recordings-'));
try {
  await requirePrograms();
  const environment = await progress.task('start a cluster with Kata 3.24.0', async () => {
    await startCluster();
    return await prepareFolder(lab, folder.path);
  });
  for (const demo of chosen) await record(demo, environment);
} finally {
  if (!keep) await lab.down();
}

async function requirePrograms(): Promise<void> {
  for (const program of ['asciinema', 'chromium']) {
    const { failed } = await execa(program, ['--version'], { reject: false });
    if (failed)
      throw new Error(`the recordings need the program ${program}: apt-get install asciinema chromium`);
  }
}

async function startCluster(): Promise<void> {
  const engines = ['containerd-2.4', 'containerd-2.2', 'containerd-1.6'];
  const argo = chosen.some(({ name }) => name.endsWith('-argo')) ? ['--argo'] : [];
  await lab.down();
  await lab.up([...argo, ...engines.flatMap((engine) => ['--engine', engine])]);
  await lab.lab(['publish']);
}

async function record(demo: Demo, environment: Readonly<Record<string, string>>): Promise<void> {
  const cast = join(output, `${demo.name}.cast`);
  const picture = join(output, `${demo.name}.svg`);
  const shell = { cwd: folder.path, env: environment };
  await progress.task(`prepare ${demo.name}`, async () => {
    await returnNodes(shell);
    for (const text of demo.before) await execa('bash', ['-c', text], shell);
  });
  await progress.task(`record ${demo.name}`, async () => {
    const text = await recordDemo(demo, { folder: folder.path, environment, cast });
    await writeFile(picture, drawPicture(text));
    await checkPicture(picture, demo.shows);
  });
}
