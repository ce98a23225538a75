/** Containerd as an engine that the installer can set up. */
import type { Engine } from '../contract.ts';
import { loader } from './candidate.ts';
import { findFaults } from './check-after.ts';
import { type ContainerdFacts, containerdUnit, foresee, probe } from './facts.ts';
import { containerdDirectory } from './own-files.ts';
import { findHandlers, findForeignHandlers, planDrops } from './own-handlers.ts';
import { checkVersion } from './check-version.ts';
import { planEdits } from './plan-edits.ts';
import { refuseHarm } from './refuse-harm.ts';

export type { ContainerdFacts };

export const containerd: Engine<ContainerdFacts> = {
  title: 'containerd',
  missingFiles: (facts) => facts.problems.flatMap(({ missing }) => missing ?? []),
  unit: containerdUnit,
  socket: '/run/containerd/containerd.sock',
  configDirectory: containerdDirectory,
  checkVersion,
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
