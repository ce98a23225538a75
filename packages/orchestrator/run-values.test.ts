import { afterEach, beforeEach, expect, test } from 'vitest';
import { createRun, replacePlan } from './run-record.ts';
import { readRunValues } from './run-values.ts';
import { FakeCluster } from './testkit/fake-cluster.ts';
import { contextOf, planOf, type TestContext } from './testkit/fleet-objects.ts';

const values = { setValues: 'token=hidden-1', before: { password: 'hidden-2' } };
const name = 'kata-lifecycle-run-r1';
let cluster: FakeCluster;
let context: TestContext;

beforeEach(async () => {
  cluster = await FakeCluster.start();
  context = contextOf(cluster);
  await createRun(context, planOf(), values);
});

afterEach(async () => {
  await cluster[Symbol.asyncDispose]();
});

test('values are in a Secret, which is deleted with the record, and nowhere else', async () => {
  const record = cluster.get('configmaps', name, 'kube-system');

  expect(JSON.stringify(record)).not.toContain('hidden');
  expect(cluster.get('secrets', name, 'kube-system')?.metadata).toMatchObject({
    labels: { 'katacontainers.io/kata-lifecycle-run': 'r1' },
    ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name, uid: record?.metadata.uid }],
  });
  expect(await readRunValues(context, 'r1')).toEqual(values);
});

test('those of a run that is planned anew replace them; the same ones are not written again', async () => {
  const other = { ...values, setValues: 'token=hidden-3' };
  const before = cluster.writes.length;

  await replacePlan(context, 'r1', { plan: planOf(), values });
  expect(cluster.writes.length).toBe(before);
  await replacePlan(context, 'r1', { plan: planOf(), values: other });
  expect(await readRunValues(context, 'r1')).toEqual(other);
});

test('when they are gone, the error names the Secret and how to go on', async () => {
  cluster.remove('secrets', name, 'kube-system');

  await expect(readRunValues(context, 'r1')).rejects.toMatchObject({
    code: 'KATA_LIFECYCLE_RUN_VALUES',
    message: `the Secret ${name} of the run was deleted or changed`,
    hint: 'it has the values that Helm gets, and no node was changed yet: end the run, and upgrade again: kata-lifecycle stop r1',
  });
});
