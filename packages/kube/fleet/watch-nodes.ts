/** Watches the selected nodes. */
import type { ApiRequests } from '../api-requests.ts';
import { type NodeObject, nodeOf } from '../objects.ts';
import { type WatchChange, watchObjects } from './watch-objects.ts';

export function watchNodes(api: ApiRequests, labelSelector = ''): AsyncGenerator<WatchChange<NodeObject>> {
  return watchObjects(api, {
    what: 'the nodes',
    path: '/api/v1/nodes',
    query: { labelSelector },
    read: nodeOf,
  });
}
