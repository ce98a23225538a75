/** Containerd as an engine that the installer can set up. */
import type { Engine } from '../contract.ts';
import { findFaults } from './check-after.ts';
import { type ContainerdFacts, containerdUnit, probe } from './facts.ts';
import { findHandlers, planDrops } from './own-handlers.ts';
import { planEdits } from './plan-edits.ts';

export type { ContainerdFacts };

export const containerd: Engine<ContainerdFacts> = {
  title: 'containerd',
  unit: containerdUnit,
  probe,
  planEdits,
  findFaults,
  findHandlers,
  planDrops,
  configFiles: (facts) => facts.files.map((file) => file.path),
};
