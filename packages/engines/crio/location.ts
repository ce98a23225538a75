/** Where a node has CRI-O. */
import type { EngineLocation } from '../contract.ts';

export const location: EngineLocation = {
  unit: 'crio.service',
  socket: '/run/crio/crio.sock',
  configDirectory: '/etc/crio',
};
