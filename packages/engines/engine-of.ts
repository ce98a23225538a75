/** The supported engines, by kind. */
import { exitCodes, KataError } from '@kata/core';
import { containerd } from './containerd/index.ts';
import { crio } from './crio/index.ts';
import type { Engine } from './contract.ts';
import type { EngineKind } from './detect-engine.ts';

/** One row per directory; a kind without a row can be detected, but is not supported yet. */
const engines: Readonly<Partial<Record<EngineKind, Engine<unknown>>>> = { containerd, crio };

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
