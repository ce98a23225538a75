/** A Lease of the cluster: at most one holder at a time, and one that is dead is waited out. */
import { exitCodes, KataError } from '@kata/core';
import * as z from 'zod';
import { orUndefined } from '../api-failure.ts';
import type { ApiRequests, Send } from '../api-requests.ts';
import type { PatchOperation } from '../json-patch.ts';
import { microTime } from '../micro-time.ts';
import { patchObject } from '../patch-object.ts';

export interface LeaseOptions {
  readonly namespace: string;
  readonly name: string;
  /** Who we are. Processes that give the same name hold it together. */
  readonly holder: string;
  /** Whole seconds. Who did not renew it for so long has lost it. */
  readonly durationSeconds: number;
}

export type LeaseOutcome =
  | { readonly kind: 'acquired' }
  /** By one that lives: it renewed the Lease while we looked. */
  | { readonly kind: 'held'; readonly holder: string };

const leaseSchema = z.object({
  metadata: z.object({ uid: z.string(), resourceVersion: z.string() }),
  spec: z
    .object({
      holderIdentity: z.string().default(''),
      leaseDurationSeconds: z.int().optional(),
      acquireTime: z.string().optional(),
      leaseTransitions: z.int().default(0),
    })
    .prefault({}),
});

type LeaseObject = z.infer<typeof leaseSchema>;

const lookIntervalMs = 1000;

export class Lease {
  readonly #api: ApiRequests;
  readonly #options: LeaseOptions;
  #heldUntilMs = Number.NEGATIVE_INFINITY;

  constructor(api: ApiRequests, options: LeaseOptions) {
    this.#api = api;
    this.#options = options;
  }

  /** How long it stays ours without another renewal, by our own clock; negative when it was lost, or never ours. */
  get remainingMs(): number {
    return this.#heldUntilMs - this.#api.clock.monotonicMs();
  }

  /**
   * Takes as long as the holder's own duration where that holder is dead. What others wrote of time is not compared with
   * our clock: whoever changes the Lease while we look is alive. `takesOver`: whoever holds it loses it at once.
   */
  async acquire({ takesOver = false } = {}): Promise<LeaseOutcome> {
    const { clock, signal } = this.#api;
    let first: { readonly version: string; readonly atMs: number } | undefined;
    for (;;) {
      const sentMs = clock.monotonicMs();
      const seen = first;
      const other = await this.#take(({ metadata, spec }) => {
        const { leaseDurationSeconds = this.#options.durationSeconds } = spec;
        const isUnchanged = seen !== undefined && metadata.resourceVersion === seen.version;
        const isDead = isUnchanged && sentMs - seen.atMs >= leaseDurationSeconds * 1000;
        return takesOver || isDead || ['', this.#options.holder].includes(spec.holderIdentity);
      });
      if (other === undefined) {
        this.#holdSince(sentMs);
        return { kind: 'acquired' };
      }
      first ??= { version: other.metadata.resourceVersion, atMs: clock.monotonicMs() };
      if (first.version !== other.metadata.resourceVersion) {
        return { kind: 'held', holder: other.spec.holderIdentity };
      }
      await clock.sleep(lookIntervalMs, signal);
    }
  }

  /** @throws KataError `KATA_KUBE_LEASE_LOST` when another one holds it, or it is gone. */
  async renew(): Promise<void> {
    const sentMs = this.#api.clock.monotonicMs();
    await this.#attempt('renew', async (send) => {
      const done = await this.#rewrite(send, (lease) => {
        if (lease.spec.holderIdentity !== this.#options.holder) throw this.#lost(lease.spec.holderIdentity);
        return this.#ours(lease);
      });
      if (done === undefined) throw this.#lost('');
    });
    this.#holdSince(sentMs);
  }

  /** Does nothing when it is not ours. */
  async release(): Promise<void> {
    this.#heldUntilMs = Number.NEGATIVE_INFINITY;
    await this.#attempt('release', async (send) => {
      await this.#rewrite(send, (lease) => {
        const { holderIdentity, ...rest } = lease.spec;
        return holderIdentity === this.#options.holder ? { ...rest, renewTime: this.#now() } : undefined;
      });
    });
  }

  /** Returns the Lease when somebody else has it. */
  async #take(isFree: (lease: LeaseObject) => boolean): Promise<LeaseObject | undefined> {
    return await this.#attempt('acquire', async (send) => {
      let other: LeaseObject | undefined;
      const done = await this.#rewrite(send, (lease) => {
        if (isFree(lease)) return this.#ours(lease);
        other = lease;
        return undefined;
      });
      if (done === undefined) await this.#create(send);
      return other;
    });
  }

  /** Only as it was read. Undefined: there is none; false: it stays, as the new spec is undefined. */
  async #rewrite(
    send: Send,
    specOf: (lease: LeaseObject) => object | undefined,
  ): Promise<boolean | undefined> {
    const operations = (object: unknown): readonly PatchOperation[] => {
      const lease = leaseSchema.parse(object);
      const spec = specOf(lease);
      if (spec === undefined) return [];
      const { uid, resourceVersion } = lease.metadata;
      return [
        { op: 'test', path: '/metadata/uid', value: uid },
        { op: 'test', path: '/metadata/resourceVersion', value: resourceVersion },
        { op: 'add', path: '/spec', value: spec },
      ];
    };
    const path = `${this.#collection}/${this.#options.name}`;
    return await orUndefined(patchObject(send, { path, tests: [], operations }));
  }

  /** When another one was faster (409), `attempt` reads what it made. */
  async #create(send: Send): Promise<void> {
    const { namespace, name } = this.#options;
    const body = {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { namespace, name },
      spec: this.#ours(undefined),
    };
    await send({ method: 'POST', path: this.#collection, body });
  }

  #ours(before: LeaseObject | undefined): object {
    const { holder, durationSeconds } = this.#options;
    const { holderIdentity = '', acquireTime, leaseTransitions = 0 } = before?.spec ?? {};
    const isOurs = holderIdentity === holder;
    const now = this.#now();
    return {
      holderIdentity: holder,
      leaseDurationSeconds: durationSeconds,
      acquireTime: isOurs ? (acquireTime ?? now) : now,
      renewTime: now,
      leaseTransitions: before === undefined || isOurs ? leaseTransitions : leaseTransitions + 1,
    };
  }

  async #attempt<T>(verb: string, work: (send: Send) => Promise<T>): Promise<T> {
    const { namespace, name } = this.#options;
    return await this.#api.attempt(`${verb} Lease "${namespace}/${name}"`, work);
  }

  get #collection(): string {
    return `/apis/coordination.k8s.io/v1/namespaces/${this.#options.namespace}/leases`;
  }

  #now(): string {
    return microTime(this.#api.clock.now());
  }

  /** From before the request: the API server may have taken it a while before it answered. */
  #holdSince(sentMs: number): void {
    this.#heldUntilMs = sentMs + this.#options.durationSeconds * 1000;
  }

  #lost(holder: string): KataError {
    this.#heldUntilMs = Number.NEGATIVE_INFINITY;
    const { namespace, name } = this.#options;
    const who = holder === '' ? 'nobody holds it' : `"${holder}" holds it`;
    return new KataError('KATA_KUBE_LEASE_LOST', `lost Lease "${namespace}/${name}": ${who}`, {
      exitCode: exitCodes.conflict,
      details: { holder },
    });
  }
}
