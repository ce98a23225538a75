/** The pods of the soak: started and ended by its steps; any other loss is an error. */
import { strict as assert } from 'node:assert';
import { waitFor } from '@kata/core';
import { answeringPod, type LabDriver, type PodState } from '../driver/lab-driver.ts';
import { type Pod, type PodChange, podHandlers } from './model.ts';

/** As in the chart: they add labels to the node selector of pods, which kubelet checks again after a restart. */
export const runtimeClasses = podHandlers.map((handler) => ({
  apiVersion: 'node.k8s.io/v1',
  kind: 'RuntimeClass',
  metadata: { name: handler },
  handler,
  scheduling: {
    nodeSelector: {
      'katacontainers.io/kata-runtime': 'true',
      'kata-deploy.katacontainers.io/default': 'true',
      [`handler.katacontainers.io/${handler}`]: 'true',
    },
  },
}));

export class SoakPods {
  readonly #lab: LabDriver;
  readonly #states = new Map<string, PodState>();

  constructor(lab: LabDriver) {
    this.#lab = lab;
  }

  async change(node: string, change: PodChange): Promise<void> {
    const { pod } = change;
    if (change.verb === 'starts') await this.#start(node, pod);
    else await this.#end(node, pod);
  }

  /** Pods that are no longer running unchanged, one text each. */
  async findLost(node: string): Promise<readonly string[]> {
    const lost: string[] = [];
    const states = this.#of(node);
    const seen = states.length === 0 ? [] : await this.#lab.readPods();
    for (const state of states) {
      const words = await this.#isAsBefore(
        state,
        seen.find(({ name }) => name === state.name),
      ).catch((error: unknown) => String(error));
      if (words !== undefined) lost.push(`pod ${state.name}: ${words}`);
    }
    return lost;
  }

  /** A power cut restarts containers; a replaced pod is an error. */
  async awaitReboot(node: string): Promise<void> {
    for (const before of this.#of(node)) {
      const now = await this.#await(
        before.name,
        ({ ready, restarts }) => ready && restarts > before.restarts,
      );
      assert.equal(now.uid, before.uid, `pod ${before.name} is another one after the reboot`);
      this.#states.set(before.name, now);
    }
  }

  #of(node: string): readonly PodState[] {
    return [...this.#states.values()].filter((state) => state.node === node);
  }

  async #start(node: string, { name, handler }: Pod): Promise<void> {
    await this.#lab.apply(
      answeringPod({ name, node, ...(handler === undefined ? {} : { runtimeClass: handler }) }),
    );
    this.#states.set(name, await this.#await(name, ({ ready }) => ready));
  }

  async #end(node: string, { name, handler }: Pod): Promise<void> {
    this.#states.delete(name);
    await this.#lab.kubectl(['delete', 'pod', name, '--grace-period=1', '--timeout=120s']);
    if (handler === undefined) return;
    const left = this.#of(node).filter(({ name: other }) => other.startsWith('kata-')).length;
    await waitFor({ what: `the sandbox of ${name} to end`, timeoutMs: 90_000 }, async () => {
      const found = await this.#lab.onNode(node, ['sh', '-c', 'ls /run/vc/sbs 2>/dev/null | wc -l']);
      return Number(found) <= left ? true : undefined;
    });
  }

  /** Right after a restart of the engine or of kubelet a pod may be unreachable for a moment. */
  async #isAsBefore(before: PodState, seen: PodState | undefined): Promise<string | undefined> {
    const what = `an answer in pod ${before.name}`;
    await waitFor({ what, timeoutMs: 120_000, intervalMs: 1000 }, async () => {
      const said = await this.#lab.inPod(before.name, ['hostname']);
      return said.trim() === before.name ? true : undefined;
    });
    const now = seen?.ready === true ? seen : await this.#await(before.name, ({ ready }) => ready);
    for (const field of ['uid', 'restarts', 'address'] as const)
      if (now[field] !== before[field]) return `${field} is ${now[field]}, was ${before[field]}`;
    return undefined;
  }

  async #await(name: string, holds: (state: PodState) => boolean): Promise<PodState> {
    const what = `pod ${name} to run`;
    try {
      return await waitFor({ what, timeoutMs: 120_000, intervalMs: 500 }, async () => {
        const state = await this.#lab.readPod(name);
        return holds(state) ? state : undefined;
      });
    } catch (error) {
      const shown = await this.#lab.tryLab(['kubectl', 'get', 'pod', name, '--output=wide']);
      const events = await this.#lab.podEvents(name).catch(() => '');
      throw new Error(`${String(error)}\n${shown.stdout}${shown.stderr}\n${events}`);
    }
  }
}
