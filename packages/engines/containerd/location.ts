/** Where a node has containerd when no distribution brings it. */
import type { EngineLocation } from '../contract.ts';

export const location: EngineLocation = {
  unit: 'containerd.service',
  socket: '/run/containerd/containerd.sock',
  configDirectory: '/etc/containerd',
};
