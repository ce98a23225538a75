import { JumpingClock } from '@kata/core/testkit';
import { expect, test } from 'vitest';
import { formatFleet, listFleet } from './fleet-nodes.ts';
import { FakeCluster } from './testkit/fake-cluster.ts';
import { contextOf, daemonSetObject, nodeObject, releases } from './testkit/fleet-objects.ts';

const { before, target } = releases;
const mark = { 'kata-deploy.katacontainers.io/default': 'false' };
const other = { 'kata-deploy.katacontainers.io/blue': 'true' };

async function start(): Promise<FakeCluster> {
  const cluster = await FakeCluster.start();
  cluster.put('nodes', nodeObject('n1', { status: { current: target, offered: target }, approved: target }));
  cluster.put('nodes', nodeObject('n2', { status: { current: before, offered: target }, isReady: false }));
  cluster.put('nodes', nodeObject('n3', { status: null }));
  cluster.put('nodes', nodeObject('n4', { status: null, labels: { kata: 'false', ...mark } }));
  cluster.put('nodes', nodeObject('n5', { status: null, labels: { kata: 'false', ...other } }));
  return cluster;
}

test('all nodes are listed, with what needs attention', async () => {
  await using cluster = await start();
  cluster.put('daemonsets', daemonSetObject());

  expect(formatFleet(await listFleet(contextOf(cluster, new JumpingClock())))).toMatchInlineSnapshot(`
    "NODE  SELECTED  INSTALLED        OFFERED          APPROVED         INSTALLER  NOTE
    n1    yes       3.25.0-bbbbbbbb  3.25.0-bbbbbbbb  3.25.0-bbbbbbbb  installed
    n2    yes       3.24.0-aaaaaaaa  3.25.0-bbbbbbbb  -                installed  NotReady; an offer waits for approval
    n3    yes       -                -                -                -          waits for an offer of its installer
    n4    no        -                -                -                -          a removal left its labels: see cleanup.node in the README of charts/kata-deploy
    n5    no        -                -                -                -"
  `);
});

test('after the installation was removed, nodes with labels of any installation are named', async () => {
  await using cluster = await start();

  const nodes = await listFleet(contextOf(cluster, new JumpingClock()));
  expect(nodes.flatMap(({ node, notes }) => (notes.includes('marked') ? [node] : []))).toEqual(['n4', 'n5']);
});
