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
  /** Pods that the API server refused. */
  readonly #refused = new Map<string, SeenVerification>();

  constructor(context: FleetContext, options: VerificationOptions) {
    this.#context = context;
    this.#options = options;
  }

  /** Reads the Events of pods that have not ended. */
  async look(pods: readonly PodObject[]): Promise<void> {
    const { api, clock } = this.#context;
    for (const pod of pods) {
      const seen = this.#events.get(pod.uid);
      if (seen !== undefined && clock.monotonicMs() - seen.atMs < intervalMs) continue;
      const events = await listPodEvents(api, pod);
      this.#events.set(pod.uid, { events, atMs: clock.monotonicMs() });
    }
  }

  of(node: string, pods: readonly PodObject[]): SeenVerification | undefined {
    const pod = this.podOf(node, pods);
    if (pod === undefined) return this.#refused.get(node);
    return { number: identityOf(pod)?.number ?? 0, verdict: this.#judge(node, pod) };
  }

  podOf(node: string, pods: readonly PodObject[]): PodObject | undefined {
    return pods.find((one) => identityOf(one)?.node === node);
  }

  async create(node: string, number: number): Promise<void> {
    const manifest = this.#options.manifestOf(node, number);
    try {
      await createPod(this.#context.api, manifest, verificationIdentity({ node, number }));
    } catch (error) {
      if (!(error instanceof KataError) || !isRefusal(error)) throw error;
      const message = `the pod cannot be created: ${causeOf(error)}`;
      this.#refused.set(node, {
        number,
        verdict: { kind: 'failed', word: 'not-started', message, mayRetry: false },
      });
    }
  }

  async delete(node: string, pods: readonly PodObject[]): Promise<void> {
    this.#refused.delete(node);
    for (const pod of pods) {
      if (identityOf(pod)?.node === node && !pod.beingDeleted) await deletePod(this.#context.api, pod);
    }
  }

  #judge(node: string, pod: PodObject): Verdict {
    const { timeoutMs } = this.#options;
    const { pullTimeoutMs } = defaultVerificationTimes;
    const now = this.#context.clock.now();
    const since = new Date(pod.created);
    return judgePod(pod, this.#events.get(pod.uid)?.events ?? [], {
      node,
      since,
      now,
      timeoutMs,
      pullTimeoutMs,
    });
  }
}

function identityOf({
  annotations,
}: PodObject): { readonly node: string; readonly number: number } | undefined {
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
