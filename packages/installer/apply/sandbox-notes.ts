/** Records which sandboxes may still use a release that is no longer the current one. */
import { posix } from 'node:path';
import type { NodeFacts } from '../facts/facts.ts';
import type { SandboxWatch } from '../facts/sandbox-watch.ts';
import { sandboxNames } from '../facts/sandboxes.ts';
import type { RunningRecord } from '../state/running-record.ts';

export class SandboxNotes {
  readonly #facts: Pick<NodeFacts, 'bootId' | 'sandboxes'>;
  readonly #watch: Pick<SandboxWatch, 'look'>;
  readonly #record: RunningRecord;
  /** Releases that earlier pods may run from: the one that this run switches from, and those that handlers named. */
  readonly #left: Set<string>;

  constructor(
    facts: Pick<NodeFacts, 'bootId' | 'named' | 'sandboxes'>,
    watch: Pick<SandboxWatch, 'look'>,
    record: RunningRecord,
  ) {
    this.#facts = facts;
    this.#watch = watch;
    this.#record = record;
    this.#left = new Set(facts.named);
  }

  /** Must be called before `current` is switched. */
  async beforeSwitch(target: string): Promise<void> {
    const next = posix.basename(target);
    const { current, sandboxes: before } = this.#record.now;
    if (current === next) return;
    const sandboxes = { ...before };
    if (current !== null) {
      const ids = [...sandboxNames(await this.#watch.look())];
      sandboxes[current] = { bootId: this.#facts.bootId, ids };
      this.#left.add(current);
    }
    await this.#record.save({ current: next, previous: current, sandboxes });
  }

  /** Adds sandboxes that were being started. Skips releases without an entry: any sandbox may use those. */
  async afterSwitch(): Promise<void> {
    const { bootId, sandboxes: planned } = this.#facts;
    const { current, sandboxes: before } = this.#record.now;
    const left = [...this.#left].filter((id) => id !== current && before[id] !== undefined);
    if (left.length === 0) return;
    // Includes the sandboxes that were planned for: the final check must keep what the plan retained for them.
    const names = [...new Set([...planned, ...sandboxNames(await this.#watch.look())])];
    const sandboxes = { ...before };
    for (const id of left) {
      const known = before[id]?.bootId === bootId ? before[id].ids : [];
      const news = names.filter((name) => !known.includes(name));
      if (news.length > 0) sandboxes[id] = { bootId, ids: [...known, ...news].toSorted() };
    }
    if (left.some((id) => sandboxes[id] !== before[id])) await this.#record.save({ sandboxes });
  }
}
