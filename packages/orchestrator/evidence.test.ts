import type { PodObject } from '@kata/kube';
import { startScriptedApi } from '@kata/kube/testkit';
import { expect, test } from 'vitest';
import { describePod } from './evidence.ts';
import { addEvidence, createRun, readRun } from './run-record.ts';
import { FakeCluster } from './testkit/fake-cluster.ts';
import { contextOf, planOf } from './testkit/fleet-objects.ts';

const pod: PodObject = {
  ...{ namespace: 'default', name: 'verify', uid: 'u1', created: '', nodeName: 'n1' },
  ...{ labels: {}, annotations: {}, nodeSelector: {}, runtimeClass: undefined, controller: undefined },
  ...{ beingDeleted: false, phase: 'Running', reason: '', message: '', conditions: [] },
  containers: [{ name: 'one', isInit: false, restarts: 0, state: { kind: 'running' } }],
};

test('a log that a dead kubelet does not give is named, and the rest is kept', async () => {
  const refused = 'Get "https://10.0.0.9:10250/containerLogs/default/verify/one": connection refused';
  await using api = await startScriptedApi(({ path }) =>
    path.includes('/log')
      ? { status: 500, body: { kind: 'Status', status: 'Failure', message: refused, code: 500 } }
      : { status: 200, body: { metadata: {}, items: [] } },
  );

  const text = await describePod(api.connect(), pod);

  expect(text).toBe(
    [
      'pod default/verify: Running',
      '  container one: running; 0 restarts',
      `  log of one: not available: ${refused}`,
    ].join('\n'),
  );
});

test('however much evidence there is, the record stays below 1 MiB, and says what it left out', async () => {
  await using cluster = await FakeCluster.start();
  const context = contextOf(cluster);
  await createRun(context, planOf());
  const text = 'ö'.repeat(20_000);

  for (let number = 1; number <= 60; number += 1) {
    await addEvidence(context, 'r1', { node: 'n1', number, text });
  }

  const stored = cluster.get('configmaps', 'kata-lifecycle-run-r1', 'kube-system')?.['data'];
  expect(Buffer.byteLength(JSON.stringify(stored))).toBeLessThan(2 ** 20);
  const { evidence } = await readRun(context, 'r1');
  expect(evidence['n1.1']).toBe(text);
  expect(evidence['n1.60']).toBe('left out: the record of the run is full');
});
