/** The verification pods of the seeds as they are, except for the addresses of their registries. */
import { seedPods } from '@kata/rollout/testkit/seed-pods';
import type { LabDriver } from './lab-driver.ts';

const registry = 'registry.lab:5000';

export const seedPod = seedPods.smoke.replace('quay.io', registry);
export const gpuPod = seedPods.gpu.replace('nvcr.io', registry);

export const gpuResource = 'nvidia.com/pgpu';

/** A double: no device plugin and no GPU, and the class has the handler of `kata-qemu`. */
export async function offerGpu(lab: LabDriver, node: string): Promise<void> {
  await lab.apply({
    apiVersion: 'node.k8s.io/v1',
    kind: 'RuntimeClass',
    metadata: { name: 'kata-qemu-nvidia-gpu-snp' },
    handler: 'kata-qemu',
  });
  const path = `/status/capacity/${gpuResource.replace('/', '~1')}`;
  await lab.kubectl([
    ...['patch', 'node', node, '--subresource=status', '--type=json'],
    ...['--patch', JSON.stringify([{ op: 'add', path, value: '1' }])],
  ]);
}
