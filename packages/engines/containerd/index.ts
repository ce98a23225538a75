/** Containerd as an engine that the installer can set up. */
import type { Engine } from '../contract.ts';
import { loader } from './candidate.ts';
import { findFaults } from './check-after.ts';
import { type ContainerdFacts, foresee, probe } from './facts.ts';
import { keepsShimInfo } from './keeps-shim-info.ts';
import { location } from './location.ts';
import { findHandlers, findForeignHandlers, planDrops } from './own-handlers.ts';
import { checkVersion } from './check-version.ts';
import { planEdits } from './plan-edits.ts';
import { refuseHarm } from './refuse-harm.ts';

export type { ContainerdFacts };

export const containerd: Engine<ContainerdFacts> = {
  title: 'containerd',
  missingFiles: (facts) => facts.problems.flatMap(({ missing }) => missing ?? []),
  locate: async () => location,
  checkVersion,
  keepsShimInfo,
  probe,
  planEdits,
  findFaults,
  findHandlers,
  findForeignHandlers,
  planDrops,
  foresee,
  refuseHarm,
  loader,
  configFiles: (facts) => facts.files.map((file) => file.path),
  configTexts: (facts) => facts.texts,
};
