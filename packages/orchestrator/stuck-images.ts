/** Since when the image of the installer cannot be pulled on nodes. */
import type { PodObject } from '@kata/kube';
import { imageProblem, type NodeView } from '@kata/rollout';
import type { FleetContext } from './context.ts';
import type { FleetWatch } from './fleet-watch.ts';

export interface StuckImage {
  readonly node: string;
  readonly ms: number;
  /** The first one: later kubelet only reports that it waits before it tries again. */
  readonly problem: string;
}

interface Waiting {
  readonly name: string;
  readonly pod: NodeView['installerPod'];
}

export class StuckImages {
  readonly #context: FleetContext;
  readonly #since = new Map<string, { readonly problem: string; readonly atMs: number }>();

  constructor(context: FleetContext) {
    this.#context = context;
  }

  /** Tells about each pod once. */
  longest(waiting: readonly Waiting[], watch: Pick<FleetWatch, 'installerPods'>): StuckImage | undefined {
    const pods = new Map(watch.installerPods.map((pod) => [pod.uid, pod]));
    const found = waiting.flatMap((one) => this.#look(one, pods) ?? []);
    return found.toSorted((a, b) => b.ms - a.ms)[0];
  }

  #look({ name, pod }: Waiting, pods: ReadonlyMap<string, PodObject>): StuckImage | undefined {
    const seen = pods.get(pod?.uid ?? '');
    const problem = imageProblem(seen?.containers ?? []);
    if (seen === undefined || problem === undefined) {
      this.#since.delete(pod?.uid ?? '');
      return undefined;
    }
    const now = this.#context.clock.monotonicMs();
    const first = this.#since.get(seen.uid) ?? { problem, atMs: now };
    if (!this.#since.has(seen.uid)) {
      this.#since.set(seen.uid, first);
      const what = `the image of the installer cannot be pulled: ${problem}`;
      this.#context.emit(name)({ kind: 'node.waiting', what });
    }
    return { node: name, ms: now - first.atMs, problem: first.problem };
  }
}
