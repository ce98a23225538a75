/** Containerd as an engine that the installer can set up. */
import type { Engine } from '../contract.ts';
import { findFaults } from './check-after.ts';
import { containerdDirectory, type ContainerdFacts, containerdUnit, probe } from './facts.ts';
import { findHandlers, planDrops } from './own-handlers.ts';
import { judgeVersion } from './judge-version.ts';
import { planEdits } from './plan-edits.ts';

export type { ContainerdFacts };

export const containerd: Engine<ContainerdFacts> = {
  title: 'containerd',
  missingFiles: (facts) => facts.problems.flatMap(({ missing }) => missing ?? []),
  unit: containerdUnit,
  socket: '/run/containerd/containerd.sock',
  configDirectory: containerdDirectory,
  judgeVersion,
  probe,
  planEdits,
  findFaults,
  findHandlers,
  planDrops,
  configFiles: (facts) => facts.files.map((file) => file.path),
};
