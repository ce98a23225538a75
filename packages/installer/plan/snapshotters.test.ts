import { expect, test } from 'vitest';
import { checkSnapshotters } from './snapshotters.ts';

const handler = (name: string, snapshotter?: string): Parameters<typeof checkSnapshotters>[1][number] => ({
  name,
  shimPath: '/opt/kata/bin/containerd-shim-kata-v2',
  configPath: '/opt/kata/configuration.toml',
  ...(snapshotter === undefined ? {} : { snapshotter }),
});
const engine = (...names: readonly string[]) => ({ snapshotters: async () => names });

test('issue 12.21: a missing snapshotter is refused by name, such as erofs on containerd 1.7', async () => {
  const handlers = [handler('kata-qemu'), handler('kata-qemu-runtime-rs', 'erofs')];

  await expect(checkSnapshotters(engine('native', 'overlayfs'), handlers)).rejects.toMatchObject({
    code: 'KATA_ENGINE_SNAPSHOTTER',
    message:
      'the container runtime has no snapshotter erofs (for kata-qemu-runtime-rs); it has native, overlayfs',
  });
});

test('an available snapshotter is accepted, and so is any when the engine does not report them', async () => {
  const handlers = [handler('kata-qemu', 'nydus')];

  for (const [client, wanted] of [
    [engine('nydus'), handlers],
    [{ snapshotters: async () => undefined }, handlers],
    [{}, handlers],
    [engine(), [handler('kata-clh')]],
  ] as const) {
    await expect(checkSnapshotters(client, wanted)).resolves.toBeUndefined();
  }
});
