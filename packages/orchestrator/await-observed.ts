/** Waits until the DaemonSet controller has seen the installer's present template: before that, it makes pods from the last one. */
import { waitFor } from '@kata/core';
import { readFleetDaemonSet } from '@kata/kube/fleet';
import type { FleetContext } from './context.ts';

const timeoutMs = 60_000;

export async function awaitObserved({ api, clock, installation }: FleetContext): Promise<void> {
  const { namespace, daemonSet: name } = installation;
  const what = `the controller to see the changed DaemonSet "${namespace}/${name}"`;
  const hint = 'check that kube-controller-manager runs; then run the same command again';
  await waitFor({ what, timeoutMs, clock, hint }, async () =>
    (await readFleetDaemonSet(api, { namespace, name }))?.isObserved === true ? true : undefined,
  );
}
