/** Writes the generated reference pages and chart files; with `--check`, exits with 1 when a file on disk differs. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { renderShimTable, renderValuesSchema } from '@kata/settings/chart';
import { renderReference } from '@kata/settings/reference';
import { renderReasons } from '@kata/kata/reference';
import { deployEvents } from '@kata/installer/reference';
import { lifecycleEvents, renderChartReference, renderLifecycleReasons } from '@kata/orchestrator/reference';
import { renderEventPage } from '@kata/report/event-reference';
import { renderLifecycleSchema, renderWorkflowParameters } from '@kata/orchestrator/chart';
import { execa } from 'execa';

const repository = join(import.meta.dirname, '..');
const pages: Readonly<Record<string, string>> = {
  'docs/reference/commands.md': await renderCommands('deploy'),
  'docs/reference/lifecycle-commands.md': await renderCommands('lifecycle'),
  'docs/reference/lifecycle-chart.md': renderChartReference(
    await readFile(join(repository, 'charts/kata-lifecycle-manager/values.yaml'), 'utf8'),
  ),
  'docs/reference/configuration.md': renderReference(),
  'docs/reference/events.md': renderEventPage([deployEvents, lifecycleEvents]),
  'docs/reference/reasons.md': `${renderReasons()}\n${renderLifecycleReasons()}`,
  'charts/kata-deploy/values.schema.json': renderValuesSchema(),
  'charts/kata-deploy/files/shims.json': renderShimTable(),
  'charts/kata-lifecycle-manager/values.schema.json': renderLifecycleSchema(),
  'charts/kata-lifecycle-manager/files/parameters.json': renderWorkflowParameters(),
};
const isCheck = process.argv.includes('--check');

for (const [path, text] of Object.entries(pages)) {
  const file = join(repository, path);
  if (!isCheck) {
    await writeFile(file, text);
    process.stdout.write(`wrote ${path}\n`);
  } else if ((await readFile(file, 'utf8').catch(() => undefined)) !== text) {
    process.stdout.write(`${path} is not up to date: run "npm run reference" and commit it\n`);
    process.exitCode = 1;
  }
}

/** In a separate process, because nothing imports a program. */
async function renderCommands(app: 'deploy' | 'lifecycle'): Promise<string> {
  const argv = [join(repository, `apps/${app}/print-reference.ts`)];
  return (await execa('node', argv, { localDir: repository, preferLocal: true, stripFinalNewline: false }))
    .stdout;
}
