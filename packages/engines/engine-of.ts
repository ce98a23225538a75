/** The engines that can be set up, by what a node has. */
import { exitCodes, KataError } from '@kata/core';
import { containerd } from './containerd/index.ts';
import type { Engine } from './contract.ts';
import type { EngineKind } from './detect-engine.ts';

/** One row per folder; a kind without a row is known and cannot be set up yet. */
const engines: Readonly<Partial<Record<EngineKind, Engine<unknown>>>> = { containerd };

/** @throws KataError `KATA_ENGINE_UNSUPPORTED` */
export function engineOf(kind: EngineKind): Engine<unknown> {
  const engine = engines[kind];
  if (engine !== undefined) return engine;
  throw new KataError('KATA_ENGINE_UNSUPPORTED', `${kind} is not yet supported by this version`, {
    exitCode: exitCodes.precondition,
    hint: `supported: ${Object.keys(engines).join(', ')}`,
    details: { kind },
  });
}
