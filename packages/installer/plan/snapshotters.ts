/** Refuses handlers whose snapshotter the engine does not have: each of their pods would fail. */
import { exitCodes, KataError } from '@kata/core';
import type { Handler } from '@kata/kata';
import type { EngineClient } from '../engine/engine-client.ts';

/** @throws KataError `KATA_ENGINE_SNAPSHOTTER` before anything is changed. */
export async function checkSnapshotters(
  engine: Pick<EngineClient, 'snapshotters'>,
  handlers: readonly Handler[],
): Promise<void> {
  const mapped = handlers.filter(({ snapshotter }) => snapshotter !== undefined);
  if (mapped.length === 0) return;
  const ready = await engine.snapshotters?.();
  const missing = mapped.filter(({ snapshotter }) => ready?.includes(snapshotter ?? '') === false);
  if (missing.length === 0) return;
  const pairs = missing.map(({ name, snapshotter }) => `${snapshotter ?? ''} (for ${name})`);
  throw new KataError(
    'KATA_ENGINE_SNAPSHOTTER',
    `the container runtime has no snapshotter ${pairs.join(', ')}; it has ${ready?.join(', ') ?? ''}`,
    {
      exitCode: exitCodes.precondition,
      hint: 'set up the snapshotter, or choose another one with SNAPSHOTTER_HANDLER_MAPPING (value shims.<shim>.containerd.snapshotter); containerd has erofs since 2.1',
    },
  );
}
