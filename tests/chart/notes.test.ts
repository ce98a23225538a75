/** What Helm prints after an installation. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { instanceLabel, labels, statusAnnotation } from '@kata/kata';
import { beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { findHelm, HelmChart } from '../driver/helm-chart.ts';

let chart: HelmChart;
let version: string;

beforeAll(async () => {
  chart = new HelmChart(await findHelm());
  const metadata = parse(
    await readFile(join(import.meta.dirname, '../../charts/kata-deploy/Chart.yaml'), 'utf8'),
  );
  ({ version } = metadata as { readonly version: string });
});

const failed = '{"phase":"failed","code":"KATA_STORE_SPACE","message":"the disk is full"}';

/** A failed node: it has no label of its status, only the annotation. */
const nodeOf = (suffix: string): object => ({
  metadata: {
    name: 'n1',
    labels: { [labels.kataRuntime]: 'false', [instanceLabel(suffix)]: 'false' },
    annotations: { [statusAnnotation(suffix)]: failed },
  },
});

/** The row that `kubectl get -o custom-columns=…` prints: a dot separates the names of a path, unless a backslash precedes it. */
function rowOf(columns: string, object: unknown): Readonly<Record<string, unknown>> {
  const valueAt = (path: string): unknown =>
    path
      .split(/(?<!\\)\./)
      .slice(1)
      .map((name) => name.replaceAll('\\.', '.'))
      .reduce((value, name) => (value as Readonly<Record<string, unknown>> | undefined)?.[name], object);
  return Object.fromEntries(
    columns.split(',').map((column) => {
      const [, header = '', path = ''] = /^([^:]+):(.+)$/.exec(column) ?? [];
      return [header, valueAt(path)];
    }),
  );
}

test.each([[''], ['blue']])(
  'the printed command shows the status of failed and held nodes, of an installation with the suffix "%s"',
  async (suffix) => {
    const notes = await chart.notes({ env: { multiInstallSuffix: suffix } });

    const [, columns = ''] = /kubectl get nodes -o custom-columns='([^']+status[^']*)'/.exec(notes) ?? [];
    expect(rowOf(columns, nodeOf(suffix))).toEqual({ NODE: 'n1', KATA: 'false', STATUS: failed });
  },
);

test.each([
  ['the default installation', 'kata-deploy', 'kube-system', '', ''],
  ['another one', 'kata-blue', 'kata', 'blue', ' --release kata-blue --namespace kata'],
])(
  'of %s, they say how to see whether it is managed, and how to roll out what waits',
  async (_, release, namespace, suffix, options) => {
    const notes = await chart.notes({ env: { multiInstallSuffix: suffix } }, { release, namespace });

    const name = suffix === '' ? 'kata-lifecycle' : `kata-lifecycle-${suffix}`;
    expect(notes.split('\n').filter((line) => line.includes('lifecycle'))).toEqual([
      'Under the management of kata-lifecycle, every node that has Kata stays on its release, and this one waits for approval. The',
      `  kubectl --namespace ${namespace} get configmap ${name}`,
      `  kata-lifecycle status${options}`,
      `  kata-lifecycle upgrade --to ${version} --verification-pod FILE${options}`,
    ]);
  },
);
