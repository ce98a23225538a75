/** Installs and uninstalls the chart on a lab with one node, and checks what is left. */
import { waitFor } from '@kata/core';
import { expect } from 'vitest';
import { readNodeState } from './cluster-installer.ts';
import { helm, namespace } from './helm.ts';
import { readTree, waitForRollout } from './kata-steps.ts';
import type { LabDriver } from './lab-driver.ts';

/** The pod's termination grace period; kubelet waits for all of it when it could not stop the ordinary container. */
export const graceMs = 600_000;

/** No containerd has this schema: the installer refuses it each time. */
const refused = { containerd: { userDropIn: 'version = 9\n' } };

export const trialVersion = '3.24.0';

export class WaiterTrial {
  readonly #lab: LabDriver;
  readonly #before: readonly string[];

  private constructor(lab: LabDriver, before: readonly string[]) {
    this.#lab = lab;
    this.#before = before;
  }

  static async start(lab: LabDriver): Promise<WaiterTrial> {
    await lab.down();
    await lab.up(['--nodes', '1', '--engine', 'containerd-2.2']);
    await lab.lab(['publish']);
    return new WaiterTrial(lab, await readTree(lab, 'n1'));
  }

  async install(): Promise<void> {
    await helm(this.#lab, 'install', { version: trialVersion });
    await waitForRollout(this.#lab);
  }

  /** Resolves when the installation has failed and its container is in back-off. */
  async fail(verb: 'install' | 'upgrade'): Promise<void> {
    await helm(this.#lab, verb, { version: trialVersion, values: refused });
    await waitFor({ what: 'the back-off', timeoutMs: 180_000, intervalMs: 1000 }, async () =>
      (await this.#isInBackOff()) ? true : undefined,
    );
  }

  async uninstall(): Promise<void> {
    await this.#lab.lab(['helm', 'uninstall', 'kata-deploy', '--namespace', namespace]);
  }

  /** Uninstalls after any test, failed or not, so that the next one starts clean. */
  async end(): Promise<void> {
    await this.#lab.lab(['helm', 'uninstall', 'kata-deploy', '--namespace', namespace, '--ignore-not-found']);
    await this.untilNoPods(graceMs + 60_000);
  }

  async untilClean(timeoutMs: number): Promise<void> {
    await waitFor({ what: 'the node to be clean', timeoutMs, intervalMs: 1000 }, async () => {
      return Object.keys(await readNodeState(this.#lab, 'n1')).length === 0 ? true : undefined;
    });
    expect(await readTree(this.#lab, 'n1')).toEqual(this.#before);
  }

  async untilNoPods(timeoutMs = 240_000): Promise<void> {
    await waitFor({ what: 'deletion of the pods', timeoutMs, intervalMs: 1000 }, async () => {
      const pods = await this.#lab.kubectl(['get', 'pods', '--namespace', namespace, '--output=name']);
      return pods === '' ? true : undefined;
    });
  }

  /** It has failed at least three times: kubelet does not always report CrashLoopBackOff in between. */
  async #isInBackOff(): Promise<boolean> {
    const found = await this.#lab.kubectl([
      ...['get', 'pods', '--namespace', namespace, '--selector=name=kata-deploy'],
      '--output=jsonpath={.items[*].status.initContainerStatuses[?(@.name=="install")]}',
    ]);
    if (found === '') return false;
    const { restartCount, state } = JSON.parse(found) as { restartCount: number; state: object };
    return restartCount >= 2 && !('running' in state);
  }
}
