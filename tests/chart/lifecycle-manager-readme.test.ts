/** The README of the chart kata-lifecycle-manager: its commands work with the chart, and its tables are complete. */
import { mkdtempDisposable, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { annotations, labels } from '@kata/kata';
import { workflowParameters } from '@kata/orchestrator';
import { parseVerificationPod } from '@kata/rollout';
import { beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { findHelm, HelmChart } from '../driver/helm-chart.ts';
import { templateOf, type WorkflowTemplate } from './lifecycle-values.ts';

const folder = join(import.meta.dirname, '../../charts/kata-lifecycle-manager');
let readme: string;
let chart: HelmChart;

beforeAll(async () => {
  readme = await readFile(join(folder, 'README.md'), 'utf8');
  chart = new HelmChart(await findHelm(), 'kata-lifecycle-manager');
});

/** The indented blocks. */
const blocks = (): readonly string[] =>
  [...readme.matchAll(/(?:^ {4}.*\n)+/gm)].map(([block]) => block.replaceAll(/^ {4}/gm, ''));

function blockWith(text: string): string {
  const found = blocks().find((block) => block.includes(text));
  if (found === undefined) throw new Error(`the README has no block with ${text}`);
  return found;
}

const commands = (start: string): readonly (readonly string[])[] =>
  blocks()
    .flatMap((block) => block.replaceAll('\\\n', ' ').split('\n'))
    .filter((line) => line.startsWith(start))
    .map((line) => line.split(/\s+/));

/** As `helm install` of the README has it, with the files of the README. */
async function install(): Promise<WorkflowTemplate> {
  await using scratch = await mkdtempDisposable(join(tmpdir(), 'readme-'));
  const file = join(scratch.path, 'verification-pod.yaml');
  await writeFile(file, blockWith('kind: Pod'));
  const [[, , release = '', , , , ...words] = []] = commands('helm install');
  const flags = words.map((word) => word.replace('./verification-pod.yaml', file));
  const objects = await chart.render({}, [...flags, '--set', `fullnameOverride=${release}`]);
  return objects.find(({ kind }) => kind === 'WorkflowTemplate') as WorkflowTemplate;
}

test('the chart is installed by its command, with its verification pod', async () => {
  const { metadata } = await install();

  expect(metadata).toMatchObject({ name: 'kata-upgrade', namespace: 'argo' });
  expect(parseVerificationPod(blockWith('kind: Pod'))).toMatchObject({ runtimeClass: 'kata-qemu' });
});

test('each submission names the workflow, an entrypoint and parameters that this has', async () => {
  const workflow = await install();
  const submissions = commands('argo submit');

  expect(submissions).toHaveLength(6);
  for (const words of submissions) {
    const after = (flag: string): readonly string[] =>
      words.flatMap((word, i) => (word === flag ? (words[i + 1] ?? '') : []));
    const [entrypoint = workflow.spec.entrypoint] = after('--entrypoint');
    const inputs = templateOf(workflow, entrypoint).inputs.parameters.map(({ name }) => name);
    expect(after('--from')).toEqual([`workflowtemplate/${workflow.metadata.name}`]);
    expect(after('-n')).toEqual([workflow.metadata.namespace]);
    const given = after('-p').map((one) => one.replace(/=.*/, ''));
    expect(given).toContain(entrypoint === 'rollback-node' ? 'node-name' : 'target-version');
    expect(inputs).toEqual(expect.arrayContaining(given));
  }
});

test('a templateRef calls a template with a parameter that it has', async () => {
  const workflow = await install();
  const { steps } = parse(blockWith('templateRef')) as {
    readonly steps: readonly (readonly {
      readonly templateRef: { readonly name: string; readonly template: string };
      readonly arguments: { readonly parameters: readonly { readonly name: string }[] };
    }[])[];
  };

  for (const { templateRef, arguments: given } of steps.flat()) {
    expect(templateRef.name).toBe(workflow.metadata.name);
    const inputs = templateOf(workflow, templateRef.template).inputs.parameters.map(({ name }) => name);
    expect(inputs).toEqual(expect.arrayContaining(given.parameters.map(({ name }) => name)));
  }
});

test('the command that shows the nodes has the labels that runs write', () => {
  const [show = []] = commands('kubectl get nodes');
  const [select = []] = commands('kubectl label node');

  expect(show.filter((_, i) => show[i - 1] === '-L')).toEqual([
    labels.kataRuntime,
    annotations.upgradeStatus,
    annotations.currentVersion,
  ]);
  expect(select.at(-1)).toBe(`${labels.upgradeWindow}=true`);
});

/** The names in the first column of the table with this head. */
function firstColumn(head: string): readonly string[] {
  const [, rows = ''] = readme.split(`| ${head} |`);
  const lines = rows.split('\n').slice(2);
  const end = lines.findIndex((line) => !line.startsWith('|'));
  return lines.slice(0, end).flatMap((line) => {
    const [, cell = ''] = line.split('|');
    return [...cell.matchAll(/`([^`]+)`/g)].flatMap(([, name]) => name ?? []);
  });
}

test('the tables have every parameter and every value', async () => {
  const values = parse(await readFile(join(folder, 'values.yaml'), 'utf8')) as Readonly<
    Record<string, object>
  >;

  expect(firstColumn('parameter | meaning').toSorted()).toEqual(Object.keys(workflowParameters).toSorted());
  const named = firstColumn('value | meaning').map((name) => name.split('.')[0]);
  const expected = Object.keys(values).filter((name) => !['defaults', 'nameOverride'].includes(name));
  expect(new Set(named)).toEqual(new Set(expected));
});
