import { expect, test } from 'vitest';
import { formatFleetStatus, readFleetStatus } from './fleet-status.ts';
import { findOpenRun, listRuns } from './list-runs.ts';
import { formatHistory, readRunHistory } from './run-history.ts';
import { FakeCluster } from './testkit/fake-cluster.ts';
import { contextOf, daemonSetObject, runRecord, type TestContext } from './testkit/fleet-objects.ts';

/** r1 is readable. */
async function start(r2: Readonly<Record<string, string>>): Promise<FakeCluster> {
  const cluster = await FakeCluster.start();
  cluster.put('daemonsets', daemonSetObject());
  cluster.put('configmaps', runRecord({ id: 'r1' }, { stage: 'ended', outcome: 'succeeded' }));
  cluster.put('configmaps', runRecord({ id: 'r2' }, r2));
  return cluster;
}

const texts = async (context: TestContext): Promise<readonly string[]> => [
  formatFleetStatus(await readFleetStatus(context), context),
  formatHistory(await readRunHistory(context), context),
];

test('one record that is not readable is named by status and history, which show the others', async () => {
  await using cluster = await start({ plan: '{}', stage: 'prepared' });
  const context = contextOf(cluster);

  const name = 'kata-lifecycle-run-r2';
  expect((await listRuns(context)).unreadable).toEqual([{ configMap: name, hasEnded: false }]);
  for (const text of await texts(context)) {
    expect(text).toContain('r1');
    expect(text).toContain(
      `the record ${name} of a run is not readable: another version wrote it, or somebody changed it; no run can start
  next: kubectl --namespace kube-system get configmap ${name} -o yaml`,
    );
  }
});

test('no run begins while one may be open that is not readable', async () => {
  await using cluster = await start({ plan: 'no JSON', stage: 'prepared' });

  await expect(findOpenRun(contextOf(cluster))).rejects.toMatchObject({
    code: 'KATA_LIFECYCLE_RUN_RECORD',
    message: 'the record kata-lifecycle-run-r2 of a run is not readable',
  });
});

test('a record of an ended run that is not readable does not prevent others', async () => {
  await using cluster = await start({ plan: '{}', stage: 'ended' });
  const context = contextOf(cluster);

  expect(await findOpenRun(context)).toBeUndefined();
  for (const text of await texts(context)) expect(text).not.toContain('no run can start');
});
