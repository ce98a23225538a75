/** What a run finds out before it changes anything, and what the cluster says when nobody asks: room, and offers that wait. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readEvents } from '../driver/cluster-installer.ts';
import { Fleet, fewShims, textOf, whole } from '../driver/fleet.ts';
import { helm } from '../driver/helm.ts';
import { waitForRollout } from '../driver/kata-steps.ts';
import { gpuResource, offerGpu } from '../driver/seed-pods.ts';

const node = 'n1';
const wantsGpu = `${whole}      resources: { limits: { ${gpuResource}: 1 } }\n`;
/** The overhead of the RuntimeClass adds 250m. */
const wantsMuch = `${whole}      resources: { requests: { cpu: 64 } }\n`;
let fleet: Fleet;

beforeAll(async () => {
  fleet = await Fleet.up('lifecycle-room', ['containerd-2.2']);
  await fleet.begin();
});

afterAll(async () => {
  await fleet.down();
});

/** A pod of a user that takes the only device. */
async function takeGpu(): Promise<void> {
  await fleet.lab.apply({
    ...{ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'greedy', namespace: 'default' } },
    spec: {
      terminationGracePeriodSeconds: 1,
      containers: [
        {
          ...{ name: 'greedy', image: 'registry.lab:5000/busybox:1', command: ['sleep', '3600'] },
          resources: { limits: { [gpuResource]: 1 } },
        },
      ],
    },
  });
  await fleet.lab.kubectl(['wait', 'pod/greedy', '--for=condition=Ready', '--timeout=120s']);
}

test('a pod that requests more than the node has free is refused by plan and upgrade, and nothing is changed', async () => {
  const [revision, installers] = [await fleet.revision(), await fleet.installers()];

  const planned = await fleet.lifecycle.plan('3.25.0', wantsMuch);
  const ended = await fleet.lifecycle.upgrade('3.25.0', wantsMuch);

  for (const result of [planned, ended]) {
    expect(result.exitCode, textOf(result)).toBe(3);
    expect(result.stderr).toMatch(
      /the verification pod does not fit: node "n1": cpu: 64250m wanted, \d+m? free/,
    );
  }
  expect(await fleet.revision()).toBe(revision);
  expect(await fleet.installers()).toEqual(installers);
  expect(await fleet.ends()).toEqual({ [node]: 'completed 3.24.0' });
});

test('a device that another pod has is missing, unless the run evicts that pod', async () => {
  await offerGpu(fleet.lab, node);
  await takeGpu();

  const refused = await fleet.lifecycle.upgrade('3.25.0', wantsGpu);
  const ended = await fleet.lifecycle.upgrade('3.25.0', wantsGpu, { words: ['--drain'] });

  expect(refused.exitCode, textOf(refused)).toBe(3);
  expect(refused.stderr).toContain(`node "n1": ${gpuResource}: 1 wanted, 0 free`);
  expect(ended.exitCode, textOf(ended)).toBe(0);
  expect(await fleet.ends()).toEqual({ [node]: 'completed 3.25.0' });
});

test('an offer that waits is an Event on the node, once, and the notes of the chart say how to roll it out', async () => {
  const upgrade = async (): Promise<string> =>
    await helm(fleet.lab, 'upgrade', { version: '3.24.0', values: fewShims, words: ['--wait'] });
  const before = await readEvents(fleet.lab, node);

  const notes = await upgrade();
  await waitForRollout(fleet.lab);
  const { metadata } = await fleet.object(node);
  await fleet.lab.kubectl(['rollout', 'restart', 'daemonset/kata-deploy', '--namespace=kata']);
  await waitForRollout(fleet.lab);

  expect((await readEvents(fleet.lab, node)).slice(before.length)).toEqual(['OfferWaits']);
  expect(metadata.annotations['katacontainers.io/kata-deploy-status']).toContain('"offered":"3.24.0-');
  expect(notes).toContain('kata-lifecycle upgrade --to 3.24.0 --verification-pod FILE --namespace kata');
  expect((await fleet.node(node)).why).toMatch(
    /^it stays on 3\.25\.0-\w+, which run \S+ verified; the Helm release is back on 3\.24\.0-\w+$/,
  );
});
