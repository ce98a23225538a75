/** The present objects of a watch. */
import type { WatchChange } from '@kata/kube/fleet';

interface Watchable {
  readonly uid: string;
  /** Of later states it is a larger number. Left out: changes are taken as they come. */
  readonly resourceVersion?: string;
}

export class Watched<T extends Watchable> {
  readonly #objects = new Map<string, T>();
  #all: readonly T[] | undefined;
  #isListed = false;

  /** The same array until something changes. */
  get all(): readonly T[] {
    return (this.#all ??= [...this.#objects.values()]);
  }

  get(uid: string): T | undefined {
    return this.#objects.get(uid);
  }

  get isListed(): boolean {
    return this.#isListed;
  }

  take(change: WatchChange<T>): void {
    this.#all = undefined;
    if (change.kind === 'deleted') this.#objects.delete(change.object.uid);
    else if (change.kind === 'changed') this.#update(change.object);
    else {
      const known = new Map(this.#objects);
      this.#objects.clear();
      this.#isListed = true;
      for (const object of change.objects)
        this.#objects.set(object.uid, newerOf(object, known.get(object.uid)));
    }
  }

  /** To a request of ours: it may be newer than what the watch has delivered. Nothing when the object is gone. */
  answer(object: T): void {
    if (this.#objects.has(object.uid)) this.#update(object);
  }

  #update(object: T): void {
    this.#all = undefined;
    this.#objects.set(object.uid, newerOf(object, this.#objects.get(object.uid)));
  }
}

function newerOf<T extends Watchable>(object: T, known: T | undefined): T {
  if (known?.resourceVersion === undefined || object.resourceVersion === undefined) return object;
  return BigInt(known.resourceVersion) > BigInt(object.resourceVersion) ? known : object;
}
