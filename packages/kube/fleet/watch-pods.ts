/** Watches the selected pods. */
import type { ApiRequests } from '../api-requests.ts';
import { describePods, type PodSelection, podsRequest } from '../list-pods.ts';
import { type PodObject, podOf } from '../pod-object.ts';
import { type WatchChange, watchObjects } from './watch-objects.ts';

export function watchPods(api: ApiRequests, selection: PodSelection): AsyncGenerator<WatchChange<PodObject>> {
  return watchObjects(api, { ...podsRequest(selection), what: describePods(selection), read: podOf });
}
