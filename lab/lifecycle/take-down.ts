/** Removes a lab in any state: kills its processes, which ends its namespaces, then removes control groups and files. */
import { rm } from 'node:fs/promises';
import { killGroup, removeGroup } from '../namespace-host/control-groups.ts';
import type { LabPlace } from '../lab.ts';

export async function takeDown(place: LabPlace): Promise<void> {
  await killGroup(place.group);
  await removeGroup(place.group);
  await rm(place.directory, { recursive: true, force: true });
}
