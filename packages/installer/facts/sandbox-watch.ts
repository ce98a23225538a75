/** Collects all sandboxes that were seen during one run, so that a sandbox that starts or ends meanwhile does not make it fail. */
import { KataError } from '@kata/core';
import type { NodeFacts } from './facts.ts';
import { type RunningSandbox, sandboxIds, type SandboxView } from './sandboxes.ts';

/** Code of a run that was rolled back because a pod started that its plan did not include. */
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

  /** The facts as if all of them were still running, so that what was retained for them does not differ from the plan. */
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
