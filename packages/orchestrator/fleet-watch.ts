/** Watches what a run looks at: nodes, the DaemonSet of the installer with its pods, and the verification pods of the run. */
import { lifecycleRunLabel } from '@kata/kata';
import type { PodObject } from '@kata/kube';
import {
  type FleetDaemonSet,
  type FleetNode,
  type WatchChange,
  watchDaemonSet,
  watchNodes,
  watchPods,
} from '@kata/kube/fleet';
import type { FleetContext } from './context.ts';
import { Watched } from './watched.ts';

export class FleetWatch implements AsyncDisposable {
  readonly #end = new AbortController();
  readonly #nodes = new Watched<FleetNode>();
  readonly #daemonSets = new Watched<FleetDaemonSet>();
  readonly #installerPods = new Watched<PodObject>();
  readonly #verificationPods = new Watched<PodObject>();
  readonly #following: Promise<unknown>;
  #byNode:
    | {
        readonly all: readonly PodObject[];
        readonly pods: ReadonlyMap<string | undefined, readonly PodObject[]>;
      }
    | undefined;
  #changed = Promise.withResolvers<void>();
  #failure: { readonly error: unknown } | undefined;

  constructor({ api, installation }: FleetContext, options: FleetWatchOptions) {
    const { namespace, daemonSet } = installation;
    const ending = api.with({ signal: this.#end.signal });
    const { podLabels, verification } = options;
    this.#following = Promise.allSettled([
      this.#follow(watchNodes(ending), this.#nodes),
      this.#follow(watchDaemonSet(ending, { namespace, name: daemonSet }), this.#daemonSets),
      this.#follow(
        watchPods(ending, { namespace, labelSelector: selectorOf(podLabels) }),
        this.#installerPods,
      ),
      this.#follow(
        watchPods(ending, {
          namespace: verification.namespace,
          labelSelector: `${lifecycleRunLabel}=${verification.run}`,
        }),
        this.#verificationPods,
      ),
    ]);
  }

  get nodes(): readonly FleetNode[] {
    return this.#nodes.all;
  }

  /** A node that was replaced under its name has another uid. */
  nodeOf(uid: string): FleetNode | undefined {
    return this.#nodes.get(uid);
  }

  /** Undefined when it was deleted. */
  get daemonSet(): FleetDaemonSet | undefined {
    return this.#daemonSets.all[0];
  }

  get installerPods(): readonly PodObject[] {
    return this.#installerPods.all;
  }

  /** Also those of other controllers with the same labels. */
  installerPodsOn(node: string): readonly PodObject[] {
    const { all } = this.#installerPods;
    if (this.#byNode?.all !== all) {
      this.#byNode = { all, pods: Map.groupBy(all, ({ nodeName }) => nodeName) };
    }
    return this.#byNode.pods.get(node) ?? [];
  }

  get verificationPods(): readonly PodObject[] {
    return this.#verificationPods.all;
  }

  /** The answer to a request of ours. */
  updateNode(node: FleetNode): void {
    this.#nodes.answer(node);
    this.#notify();
  }

  /** @throws KataError when a watch has failed. */
  async listed(): Promise<void> {
    const watched = [this.#nodes, this.#daemonSets, this.#installerPods, this.#verificationPods];
    while (!watched.every(({ isListed }) => isListed)) await this.changed();
  }

  /** Resolves at the next change. @throws KataError when a watch has failed. */
  async changed(): Promise<void> {
    this.#throwFailure();
    await this.#changed.promise;
    this.#throwFailure();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end.abort();
    await this.#following;
  }

  async #follow<T extends { readonly uid: string }>(
    changes: AsyncIterable<WatchChange<T>>,
    watched: Watched<T>,
  ): Promise<void> {
    try {
      for await (const change of changes) {
        watched.take(change);
        this.#notify();
      }
    } catch (error) {
      if (this.#end.signal.aborted) return;
      this.#failure ??= { error };
      this.#notify();
    }
  }

  #throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  #notify(): void {
    const { resolve } = this.#changed;
    this.#changed = Promise.withResolvers<void>();
    resolve();
  }
}

export interface FleetWatchOptions {
  /** Labels of the installer's pods. */
  readonly podLabels: Readonly<Record<string, string>>;
  readonly verification: { readonly namespace: string; readonly run: string };
}

function selectorOf(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
}
