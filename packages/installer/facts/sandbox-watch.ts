/** All sandboxes that were seen during one run: one that ends or begins meanwhile is no reason for it to fail. */
import { KataError } from '@kata/core';
import type { NodeFacts } from './facts.ts';
import { type RunningSandbox, sandboxIds, type SandboxView } from './sandboxes.ts';

/** Of a run that put everything back, because its plan did not know of a pod that started meanwhile. */
export const podsStartedCode = 'KATA_INSTALLER_PODS_STARTED';

export class SandboxWatch {
  readonly #look: () => Promise<SandboxView>;
  readonly #seen = new Map<string, RunningSandbox>();

  constructor(planned: SandboxView, look: () => Promise<SandboxView>) {
    this.#look = look;
    this.#add(planned);
  }

  async look(): Promise<SandboxView> {
    const view = await this.#look();
    this.#add(view);
    return view;
  }

  seen(): readonly RunningSandbox[] {
    return [...this.#seen.values()];
  }

  /** As if all of them were still running: what was kept for them is no difference from the plan. */
  withAll(facts: NodeFacts): NodeFacts {
    this.#add(facts.sandboxView);
    const sandboxView = { ...facts.sandboxView, running: [...this.#seen.values()] };
    return { ...facts, sandboxView, sandboxes: sandboxIds(sandboxView) };
  }

  #add({ running }: SandboxView): void {
    for (const sandbox of running) this.#seen.set(sandbox.id, sandbox);
  }
}

export function isPodsStarted(error: unknown): boolean {
  return error instanceof KataError && error.code === podsStartedCode;
}
