/** Finds the engine of a node: which one serves kubelet, and where the node has it. */
import type { Host } from '@kata/host';
import type { Engine, EngineLocation } from './contract.ts';
import { activeEngineUnits, detectEngine, type EngineKind, type EngineSigns } from './detect-engine.ts';
import { engineOf } from './engine-of.ts';

export interface LocatedEngine {
  readonly kind: EngineKind;
  readonly engine: Engine<unknown>;
  readonly location: EngineLocation;
}

/** What the settings tell; everything else is read from the host. */
export type EngineClues = {
  readonly [K in 'containerRuntimeVersion' | 'distribution']?: EngineSigns[K] | undefined;
};

/**
 * `activeUnits`: left out, systemd is queried.
 *
 * @throws KataError as `detectEngine` and `engineOf` do
 */
export async function locateEngine(
  host: Host,
  clues: EngineClues,
  activeUnits: (host: Host) => Promise<readonly string[]> = activeEngineUnits,
): Promise<LocatedEngine> {
  const { containerRuntimeVersion, distribution } = clues;
  const units = await activeUnits(host);
  const kind = detectEngine({ containerRuntimeVersion, distribution, activeUnits: units });
  const engine = engineOf(kind);
  return { kind, engine, location: await engine.locate(host) };
}
