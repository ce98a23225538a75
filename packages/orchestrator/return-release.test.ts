import { afterEach, beforeEach, expect, test } from 'vitest';
import { openRelease } from './release-control.ts';
import { returnRelease } from './return-release.ts';
import { FakeCluster } from './testkit/fake-cluster.ts';
import { type FakeHelm, startFakeHelm } from './testkit/fake-helm.ts';
import { contextOf, planOf, runSecret, type TestContext } from './testkit/fleet-objects.ts';

const values = { env: { debug: true } };
const first = { version: '3.24.0', values };
const removed = { ...first, isRemoved: true } as const;
let cluster: FakeCluster;
let context: TestContext;

beforeEach(async () => {
  cluster = await FakeCluster.start();
  cluster.put('secrets', runSecret('r1', { setValues: '', before: values }));
  context = contextOf(cluster);
});

afterEach(async () => {
  await cluster[Symbol.asyncDispose]();
});

async function goBack(helm: FakeHelm): Promise<{ readonly kind: string; readonly release: object }> {
  const planned = planOf().helm;
  if (planned === null) throw new Error('an upgrade');
  await using release = await openRelease(context, helm.options);
  return await returnRelease(context, release, {
    id: 'r1',
    helm: { ...planned, chart: { chart: helm.chart } },
  });
}

test('a release returns to the revision at the start by its number', async () => {
  await using helm = await startFakeHelm([first, '3.25.0'], '3.25.0');

  expect(await goBack(helm)).toMatchObject({ kind: 'rolled-back', release: { revision: 3, values } });
  expect(context.events.map(({ kind }) => kind)).toEqual(['helm.rolled-back']);
});

test('when Helm has removed that revision, its chart is deployed with its values', async () => {
  await using helm = await startFakeHelm([removed, '3.25.0'], '3.24.0');

  expect(await goBack(helm)).toMatchObject({
    kind: 'rolled-back',
    release: { revision: 3, chart: { version: '3.24.0' }, values },
  });
  expect(context.events.map(({ kind }) => kind)).toEqual(['helm.restored']);
});

test('without that chart, the error names both problems and what to do', async () => {
  await using helm = await startFakeHelm([removed, '3.25.0'], '3.25.0');

  await expect(goBack(helm)).rejects.toMatchObject({
    code: 'KATA_HELM_REVISION_GONE',
    message: `cannot roll back release "kube-system/kata-deploy" to revision 1: Helm has removed it (--history-max); and the chart ${helm.chart} has version 3.25.0 and appVersion 3.25.0, but version 3.24.0 is requested`,
    hint: 'put chart 3.24.0 where the run found its chart, and run the same command again; or deploy it yourself: helm upgrade',
  });
  expect(await helm.versions()).toEqual(['3.24.0', '3.25.0']);
});

test.each([
  ['removed that revision', removed],
  ['was installed again', '3.23.0'],
])('when Helm %s, and a user deployed what the run recorded, there is nothing to do', async (_, one) => {
  await using helm = await startFakeHelm([one, '3.25.0', first], '3.25.0');

  expect(await goBack(helm)).toMatchObject({ kind: 'unchanged', release: { revision: 3, values } });
  expect(await helm.versions()).toHaveLength(3);
});

test('a release that was installed again is not replaced', async () => {
  await using helm = await startFakeHelm(['3.26.0', '3.25.0'], '3.24.0');

  await expect(goBack(helm)).rejects.toMatchObject({ code: 'KATA_HELM_REVISION_GONE' });
  expect(await helm.versions()).toEqual(['3.26.0', '3.25.0']);
});

test('without the Secret of the run, number and chart identify the revision', async () => {
  cluster.remove('secrets', 'kata-lifecycle-run-r1', 'kube-system');
  await using helm = await startFakeHelm([first, '3.25.0'], '3.25.0');

  expect(await goBack(helm)).toMatchObject({ kind: 'rolled-back', release: { revision: 3, values } });
});
