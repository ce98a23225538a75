/** What Helm prints after an installation. */
import { instanceLabel, labels, statusAnnotation } from '@kata/kata';
import { beforeAll, expect, test } from 'vitest';
import { findHelm, HelmChart } from '../driver/helm-chart.ts';

let chart: HelmChart;

beforeAll(async () => {
  chart = new HelmChart(await findHelm());
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
