/**
 * CRI-O as an engine that the installer can set up.
 *
 * One drop-in with all handlers. CRI-O reads every file below its directory of drop-ins, whatever its name, and does not
 * start with one that it cannot parse. A reload lists new handlers but does not serve them: it is restarted.
 */
import type { Engine } from '../contract.ts';
import { checkVersion } from './check-version.ts';
import { type CrioFacts, foresee, probe } from './facts.ts';
import { findFaults } from './find-faults.ts';
import { loader } from './loader.ts';
import { location } from './location.ts';
import { findForeignHandlers, findHandlers } from './own-handlers.ts';
import { planDrops } from './plan-drops.ts';
import { planEdits } from './plan-edits.ts';
import { refuseHarm } from './refuse-harm.ts';

export type { CrioFacts };

export const crio: Engine<CrioFacts> = {
  title: 'CRI-O',
  locate: async () => location,
  probe,
  planEdits,
  findFaults,
  foresee,
  refuseHarm,
  loader,
  findForeignHandlers,
  findHandlers,
  planDrops,
  configFiles: (facts) => facts.files.map(({ path }) => path),
  configTexts: (facts) => new Map(facts.files.map(({ path, text }) => [path, text])),
  missingFiles: () => [],
  keepsShimInfo: () => false,
  checkVersion,
};
