/** The verification pods of a run: creates and deletes them, and judges them by their state and Events. */
import { exitCodes, KataError } from '@kata/core';
import { verificationAnnotation } from '@kata/kata';
import type { PodObject } from '@kata/kube';
import { createPod, deletePod, listPodEvents, type PodEventObject, type PodManifest } from '@kata/kube/fleet';
import { defaultVerificationTimes, judgePod, type SeenVerification, type Verdict } from '@kata/rollout';
import type { FleetContext } from './context.ts';
import { verificationIdentity } from './verification-manifest.ts';

/** Between two looks at the Events of a pod. */
const intervalMs = 2000;

export interface VerificationOptions {
  readonly timeoutMs: number;
  /** The user's pod for this node. @throws KataError when it cannot be made. */
  readonly manifestOf: (node: string, number: number) => PodManifest;
}

interface Seen {
  readonly events: readonly PodEventObject[];
  readonly atMs: number;
}

export class Verifications {
  readonly #context: FleetContext;
  readonly #options: VerificationOptions;
  readonly #events = new Map<string, Seen>();
  /** When each pod was first seen, by our own clock: that of the API server may differ. */
  readonly #since = new Map<string, Date>();
  /** The last pod of each node that was seen, and that we have created and not deleted. Others delete theirs. */
  readonly #last = new Map<string, { readonly uid: string; readonly number: number }>();
  readonly #deleted = new Set<string>();
  readonly #created = new Set<string>();
  /** Pods that the API server refused. */
  readonly #refused = new Map<string, SeenVerification>();

  constructor(context: FleetContext, options: VerificationOptions) {
    this.#context = context;
    this.#options = options;
  }

  /** Reads the Events of pods that have not ended. */
  async look(pods: readonly PodObject[]): Promise<void> {
    const { api, clock } = this.#context;
    for (const pod of pods) this.#note(pod);
    for (const pod of pods) {
      const seen = this.#events.get(pod.uid);
      if (seen !== undefined && clock.monotonicMs() - seen.atMs < intervalMs) continue;
      const events = await listPodEvents(api, pod);
      this.#events.set(pod.uid, { events, atMs: clock.monotonicMs() });
    }
  }

  #note({ uid, ...pod }: PodObject): void {
    const identity = identityOf(pod);
    if (!this.#since.has(uid)) this.#since.set(uid, this.#context.clock.now());
    if (identity === undefined || !this.#created.has(uid) || this.#deleted.has(uid)) return;
    const { node, number } = identity;
    if ((this.#last.get(node)?.number ?? 0) <= number) this.#last.set(node, { uid, number });
  }

  of(node: string, pods: readonly PodObject[]): SeenVerification | undefined {
    const pod = this.podOf(node, pods);
    if (pod === undefined) return this.#refused.get(node) ?? this.#missing(node);
    const { uid, beingDeleted } = pod;
    return { number: numberOf(pod), beingDeleted, verdict: this.#judge(node, uid, pod) };
  }

  /** Another program deleted it, such as a pod that was not bound yet, which does not terminate first. */
  #missing(node: string): SeenVerification | undefined {
    const last = this.#last.get(node);
    if (last === undefined) return undefined;
    return { number: last.number, beingDeleted: false, verdict: this.#judge(node, last.uid, undefined) };
  }

  /** The newest one. */
  podOf(node: string, pods: readonly PodObject[]): PodObject | undefined {
    const own = pods.filter((one) => identityOf(one)?.node === node);
    return own.toSorted((a, b) => numberOf(b) - numberOf(a))[0];
  }

  async create(node: string, number: number): Promise<void> {
    const manifest = this.#options.manifestOf(node, number);
    try {
      const { uid } = await createPod(this.#context.api, manifest, verificationIdentity({ node, number }));
      this.#created.add(uid);
    } catch (error) {
      if (!(error instanceof KataError) || !isRefusal(error)) throw error;
      const message = `the pod cannot be created: ${causeOf(error)}`;
      this.#refused.set(node, {
        ...{ number, beingDeleted: false },
        verdict: { kind: 'failed', word: 'not-started', message, mayRetry: false },
      });
    }
  }

  async delete(node: string, pods: readonly PodObject[]): Promise<void> {
    this.#refused.delete(node);
    for (const pod of pods) {
      if (identityOf(pod)?.node !== node || pod.beingDeleted) continue;
      await deletePod(this.#context.api, pod);
      this.#deleted.add(pod.uid);
    }
    this.#last.delete(node);
  }

  #judge(node: string, uid: string, pod: PodObject | undefined): Verdict {
    const { timeoutMs } = this.#options;
    const { pullTimeoutMs } = defaultVerificationTimes;
    const now = this.#context.clock.now();
    const since = this.#since.get(uid) ?? now;
    const events = this.#events.get(uid)?.events ?? [];
    return judgePod(pod, events, { node, since, now, timeoutMs, pullTimeoutMs });
  }
}

function numberOf(pod: PodObject): number {
  return identityOf(pod)?.number ?? 0;
}

function identityOf({
  annotations,
}: Pick<PodObject, 'annotations'>): { readonly node: string; readonly number: number } | undefined {
  const [, node, number] = /^(.+)\/(\d+)$/.exec(annotations[verificationAnnotation] ?? '') ?? [];
  return node === undefined ? undefined : { node, number: Number(number) };
}

/** The API server will not take this pod later either. */
function isRefusal({ code, exitCode }: KataError): boolean {
  return code.startsWith('KATA_KUBE_') && exitCode !== exitCodes.temporary;
}

function causeOf({ message, cause }: KataError): string {
  return cause instanceof Error ? cause.message : message;
}
