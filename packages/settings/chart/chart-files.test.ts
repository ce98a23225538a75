import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { fieldList } from '../model.ts';
import { renderValuesSchema } from './chart-files.ts';
import { chartValues } from './values.ts';

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly $ref?: string;
  readonly allOf?: readonly Schema[];
  readonly definitions?: Readonly<Record<string, Schema>>;
}

const schema = JSON.parse(renderValuesSchema()) as Schema;

function find(path: string): Schema | undefined {
  let place: Schema | undefined = schema;
  for (const word of path.split('.')) {
    const name = word === '<shim>' ? 'qemu' : word === '<arch>' ? 'amd64' : word;
    place = place?.properties?.[name];
    const definition: string | undefined = (place?.$ref ?? place?.allOf?.[0]?.$ref)?.replace(
      '#/definitions/',
      '',
    );
    if (definition !== undefined) place = schema.definitions?.[definition];
  }
  return place;
}

test('the default values of the chart are valid', async () => {
  const file = join(import.meta.dirname, '../../../charts/kata-deploy/values.yaml');

  const result = chartValues.safeParse(parse(await readFile(file, 'utf8')));

  expect(result.error?.issues ?? []).toEqual([]);
});

test('every setting is a chart value, or is set by the chart itself', () => {
  const absent = fieldList.flatMap(([name, { value }]) => (value === undefined ? [name] : []));
  const missing = fieldList.flatMap(([, { value }]) =>
    value !== undefined && find(value) === undefined ? [value] : [],
  );

  expect(missing).toEqual([]);
  expect(absent).toEqual([
    ...[
      'containerRuntimeVersion',
      'nodeName',
      'podNamespace',
      'podUid',
      'daemonSetName',
      'nodeMachineId',
      'terminationGraceSeconds',
      'healthPort',
    ],
    ...['helmPostDeleteHook', 'hostRoot', 'payload', 'helper', 'config'],
  ]);
});

test('the patterns have no lookahead or lookbehind, which Helm does not support', () => {
  const patterns = [...renderValuesSchema().matchAll(/"pattern": (".*")/g)].map(
    ([, text = '""']) => JSON.parse(text) as string,
  );

  expect(patterns.length).toBeGreaterThan(5);
  expect(patterns.filter((pattern) => /\(\?(?!:)|\\[1-9]/.test(pattern))).toEqual([]);
});
