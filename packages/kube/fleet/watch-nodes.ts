/** Watches the selected nodes. */
import type { ApiRequests } from '../api-requests.ts';
import { type FleetNode, fleetNodeOf } from './fleet-node.ts';
import { type WatchChange, watchObjects } from './watch-objects.ts';

export function watchNodes(api: ApiRequests, labelSelector = ''): AsyncGenerator<WatchChange<FleetNode>> {
  return watchObjects(api, {
    what: 'the nodes',
    path: '/api/v1/nodes',
    query: { labelSelector },
    read: fleetNodeOf,
  });
}
