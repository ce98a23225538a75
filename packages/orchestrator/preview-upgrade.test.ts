import { expect, test } from 'vitest';
import { previewUpgrade } from './preview-upgrade.ts';
import { parseParameters } from './run-parameters.ts';
import { FakeCluster } from './testkit/fake-cluster.ts';
import { startFakeHelm } from './testkit/fake-helm.ts';
import {
  contextOf,
  daemonSetObject,
  nodeObject,
  releases,
  runRecord,
  verificationPod,
} from './testkit/fleet-objects.ts';

async function start(): Promise<FakeCluster> {
  const cluster = await FakeCluster.start();
  cluster.put('daemonsets', daemonSetObject());
  cluster.put('nodes', nodeObject('n1', { status: { current: releases.before, offered: releases.before } }));
  cluster.put('configmaps', runRecord({ id: 'r1' }, { stage: 'prepared' }));
  return cluster;
}

const parameters = parseParameters({
  'target-version': '3.25.0',
  'node-selector': 'kata',
  'verification-pod': verificationPod,
});

test.each<[string, readonly string[], object, string]>([
  ['an upgrade', ['3.24.0'], { kind: 'upgrade', before: { revision: 1 }, changedValues: [] }, 'upgrade'],
  ['no new revision', ['3.24.0', '3.25.0'], { kind: 'unchanged', before: { revision: 2 } }, 'verify'],
])('a preview foresees %s, and names a run that has not ended', async (_, versions, foresight, prospect) => {
  await using cluster = await start();
  const current = `${versions.at(-1) ?? ''}-aaaaaaaa`;
  cluster.put('nodes', nodeObject('n1', { status: { current, offered: current } }));
  await using helm = await startFakeHelm(versions, '3.25.0');

  const preview = await previewUpgrade(contextOf(cluster), {
    ...parameters,
    ...{ chart: { chart: helm.chart }, directory: '/', helm: helm.options },
  });

  expect(preview).toMatchObject({ foresight, nodes: [{ node: 'n1', prospect }], open: { id: 'r1' } });
  expect(cluster.writes).toEqual(['POST pods?dryRun=All']);
  expect(await helm.versions()).toEqual(versions);
});

test('a chart of another version is refused', async () => {
  await using cluster = await start();
  await using helm = await startFakeHelm(['3.24.0'], '3.26.0');

  await expect(
    previewUpgrade(contextOf(cluster), {
      ...parameters,
      ...{ chart: { chart: helm.chart }, directory: '/', helm: helm.options },
    }),
  ).rejects.toMatchObject({ code: 'KATA_HELM_CHART_VERSION' });
  expect(cluster.writes).toEqual([]);
});
