/** A Lease of the cluster, which has at most one holder at a time and expires when its holder is dead. */
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
  /** Our name. Processes with the same name hold it together. */
  readonly holder: string;
  /** Whole seconds. Without a renewal for so long it expires. */
  readonly durationSeconds: number;
}

export interface AcquireOptions {
  readonly isForced?: boolean;
  readonly onWait?: (wait: LeaseWait) => void;
}

export interface LeaseWait {
  readonly holder: string;
  /** When we have the Lease at the latest, unless its holder renews it before. */
  readonly until: Date;
}

export type LeaseOutcome =
  | { readonly kind: 'acquired' }
  /** Its holder is alive: it renewed the Lease in the meantime. */
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

  /** Time until it expires, by our own clock; negative when it is not held. */
  get remainingMs(): number {
    return this.#heldUntilMs - this.#api.clock.monotonicMs();
  }

  /**
   * Waits for the duration of the Lease when its holder is dead. Times in the Lease are not compared with our clock: a
   * holder that changes it in the meantime is alive. `isForced`: takes it from a live holder, too. `onWait`: called once
   * when there is another holder.
   */
  async acquire({ isForced = false, onWait }: AcquireOptions = {}): Promise<LeaseOutcome> {
    const { clock, signal } = this.#api;
    let first: { readonly version: string; readonly atMs: number } | undefined;
    for (;;) {
      const sentMs = clock.monotonicMs();
      const seen = first;
      const other = await this.#acquireIf(({ metadata, spec }) => {
        const { leaseDurationSeconds = this.#options.durationSeconds } = spec;
        const isUnchanged = seen !== undefined && metadata.resourceVersion === seen.version;
        const isDead = isUnchanged && sentMs - seen.atMs >= leaseDurationSeconds * 1000;
        return isForced || isDead || ['', this.#options.holder].includes(spec.holderIdentity);
      });
      if (other === undefined) {
        this.#holdSince(sentMs);
        return { kind: 'acquired' };
      }
      if (first === undefined) onWait?.(this.#waitFor(other));
      first ??= { version: other.metadata.resourceVersion, atMs: clock.monotonicMs() };
      if (first.version !== other.metadata.resourceVersion) {
        return { kind: 'held', holder: other.spec.holderIdentity };
      }
      await clock.sleep(lookIntervalMs, signal);
    }
  }

  #waitFor({ spec }: LeaseObject): LeaseWait {
    const { leaseDurationSeconds = this.#options.durationSeconds, holderIdentity: holder } = spec;
    return { holder, until: new Date(this.#api.clock.now().getTime() + leaseDurationSeconds * 1000) };
  }

  /** Changes nothing. @throws KataError `KATA_KUBE_LEASE_LOST` as `renew` does */
  async verify(): Promise<void> {
    const path = `${this.#collection}/${this.#options.name}`;
    await this.#attempt('read', async (send) => {
      const found = await orUndefined(send({ method: 'GET', path }));
      const holder = found === undefined ? '' : leaseSchema.parse(found).spec.holderIdentity;
      if (holder !== this.#options.holder) throw this.#lost(holder);
    });
  }

  /** @throws KataError `KATA_KUBE_LEASE_LOST` when it has another holder, or was deleted. */
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

  /** Does nothing when it has another holder. */
  async release(): Promise<void> {
    this.#heldUntilMs = Number.NEGATIVE_INFINITY;
    await this.#attempt('release', async (send) => {
      await this.#rewrite(send, (lease) => {
        const { holderIdentity, ...rest } = lease.spec;
        return holderIdentity === this.#options.holder ? { ...rest, renewTime: this.#now() } : undefined;
      });
    });
  }

  /** Returns the Lease when it has another holder. */
  async #acquireIf(isFree: (lease: LeaseObject) => boolean): Promise<LeaseObject | undefined> {
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

  /** Replaces the spec of the version that was read. Returns undefined without a Lease, false when `specOf` returns undefined. */
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

  /** When it was created concurrently (409), `attempt` reads it again. */
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

  /** Counts from before the request, because the API server may answer late. */
  #holdSince(sentMs: number): void {
    this.#heldUntilMs = sentMs + this.#options.durationSeconds * 1000;
  }

  #lost(holder: string): KataError {
    this.#heldUntilMs = Number.NEGATIVE_INFINITY;
    const { namespace, name } = this.#options;
    const who = holder === '' ? 'it has no holder' : `"${holder}" holds it`;
    return new KataError('KATA_KUBE_LEASE_LOST', `lost Lease "${namespace}/${name}": ${who}`, {
      exitCode: exitCodes.conflict,
      details: { holder },
    });
  }
}
