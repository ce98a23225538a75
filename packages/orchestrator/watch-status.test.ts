import { JumpingClock } from '@kata/core/testkit';
import { expect, test } from 'vitest';
import { FakeCluster } from './testkit/fake-cluster.ts';
import { contextOf, daemonSetObject, nodeObject, releases } from './testkit/fleet-objects.ts';
import { watchFleetStatus } from './watch-status.ts';

const serving = { status: { current: releases.target, offered: releases.target }, approved: releases.target };

test('the status comes again only after a change, and ends with the signal', async () => {
  await using cluster = await FakeCluster.start();
  cluster.put('daemonsets', daemonSetObject());
  cluster.put('nodes', nodeObject('n1', serving));
  const clock = new JumpingClock();
  const end = new AbortController();
  const seen: (readonly [number, boolean | undefined])[] = [];

  for await (const { nodes } of watchFleetStatus(contextOf(cluster, clock), end.signal)) {
    seen.push([clock.slept.length, nodes[0]?.isCordoned]);
    if (seen.length === 1) cluster.put('nodes', nodeObject('n2', serving));
    if (seen.length === 2) cluster.put('nodes', nodeObject('n1', { ...serving, isCordoned: true }));
    if (seen.length === 3) end.abort();
  }

  expect(seen).toEqual([
    [0, false],
    [1, false],
    [2, true],
  ]);
});
