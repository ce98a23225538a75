/** A pod that a drain has to evict, and a budget that forbids it. */
import type { LabDriver } from './lab-driver.ts';

/** In the namespace of the pod. */
export const budget = 'keep';

export async function startGuardedPod(lab: LabDriver, name: string, node: string): Promise<void> {
  const labels = { app: name };
  await lab.apply(
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, labels },
      spec: {
        nodeName: node,
        terminationGracePeriodSeconds: 0,
        containers: [{ name: 'main', image: 'registry.lab:5000/pause:1' }],
      },
    },
    {
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: { name: budget },
      spec: { minAvailable: 1, selector: { matchLabels: labels } },
    },
  );
  await lab.waitForPod(name);
}

export async function removeBudget(lab: LabDriver): Promise<void> {
  await lab.kubectl(['delete', 'poddisruptionbudget', budget]);
}
