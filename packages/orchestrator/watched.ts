/** The present objects of a watch. */
import type { WatchChange } from '@kata/kube/fleet';

interface Watchable {
  readonly uid: string;
  /** Of later states it is a larger number. Left out: changes are taken as they come. */
  readonly resourceVersion?: string;
}

export class Watched<T extends Watchable> {
  readonly #objects = new Map<string, T>();
  #isListed = false;

  get all(): readonly T[] {
    return [...this.#objects.values()];
  }

  get isListed(): boolean {
    return this.#isListed;
  }

  take(change: WatchChange<T>): void {
    if (change.kind === 'deleted') this.#objects.delete(change.object.uid);
    else if (change.kind === 'changed') this.update(change.object);
    else {
      const known = new Map(this.#objects);
      this.#objects.clear();
      this.#isListed = true;
      for (const object of change.objects)
        this.#objects.set(object.uid, newerOf(object, known.get(object.uid)));
    }
  }

  /** The answer to a request of ours may be newer than what the watch has delivered. */
  update(object: T): void {
    this.#objects.set(object.uid, newerOf(object, this.#objects.get(object.uid)));
  }
}

function newerOf<T extends Watchable>(object: T, known: T | undefined): T {
  if (known?.resourceVersion === undefined || object.resourceVersion === undefined) return object;
  return BigInt(known.resourceVersion) > BigInt(object.resourceVersion) ? known : object;
}
